// New tasks are put into the search index by the store and not by a trigger: inside a trigger FTS5 writes out every row for itself.
export const sql = 'DROP TRIGGER tasks_made_searchable;';
