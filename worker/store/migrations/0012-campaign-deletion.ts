// A campaign of tens of thousands of tasks is deleted behind the answer; what is asked for here survives the end of the service.
export const sql = `
-- null: it stays
ALTER TABLE campaigns ADD COLUMN delete_requested_at TEXT;
CREATE INDEX campaigns_to_delete ON campaigns (campaign_order) WHERE delete_requested_at IS NOT NULL;
`;
