// The files that were opened together, as structures of a campaign: every one a row, also those that could not be read. Pure.
import type { CampaignStructure } from '../../../contracts/campaign.ts';
import { reasonOf } from '../../api/failure.ts';
import type { OpenedFile } from '../structures/open-files.ts';

/** Names without their extension; a name that comes again is numbered. */
export function openedStructures(files: readonly OpenedFile[]): CampaignStructure[] {
  const seen = new Map<string, number>();
  return files
    .filter(({ state }) => state !== 'reading')
    .map((file) => {
      const stem = file.filename.replace(/\.[^.]*$/, '') || file.filename;
      const count = (seen.get(stem) ?? 0) + 1;
      seen.set(stem, count);
      const name = count === 1 ? stem : `${stem} (${count})`;
      if (file.state === 'ready') {
        return { name, structure: { source: 'upload', file_id: file.structure.file_id } };
      }
      return { name, structure: null, problem: file.state === 'failed' ? reasonOf(file.error) : '' };
    });
}
