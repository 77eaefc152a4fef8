// Parts of names, found by their trigrams instead of reading every name.
export const sql = `
-- Contentless: the texts themselves are in tasks. They are in small letters already, as is what is searched for.
CREATE VIRTUAL TABLE task_search USING fts5(search_text, content = '', contentless_delete = 1,
                                            tokenize = 'trigram case_sensitive 1');
INSERT INTO task_search (rowid, search_text) SELECT submitted_order, search_text FROM tasks ORDER BY submitted_order;

CREATE TRIGGER tasks_made_searchable AFTER INSERT ON tasks BEGIN
  INSERT INTO task_search (rowid, search_text) VALUES (NEW.submitted_order, NEW.search_text);
END;
CREATE TRIGGER tasks_renamed AFTER UPDATE OF search_text ON tasks WHEN OLD.search_text <> NEW.search_text BEGIN
  DELETE FROM task_search WHERE rowid = OLD.submitted_order;
  INSERT INTO task_search (rowid, search_text) VALUES (NEW.submitted_order, NEW.search_text);
END;
CREATE TRIGGER tasks_made_unsearchable AFTER DELETE ON tasks BEGIN
  DELETE FROM task_search WHERE rowid = OLD.submitted_order;
END;

-- list: one or two letters of a name, which have no trigram; half as long to read as tasks_searched
CREATE INDEX tasks_texts ON tasks (owner, submitted_order DESC, search_text);
`;
