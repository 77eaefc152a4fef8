// Archives of tasks: written as a stream, read with distrust.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TaskArchive } from '../../contracts/task-archive.ts';
import { ArchiveError, DEFAULT_ARCHIVE_LIMITS, readArchive } from './read-archive.ts';
import type { ArchiveLimits } from './read-archive.ts';
import { writeArchive } from './write-archive.ts';
import type { ArchiveEntry } from './write-archive.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-archive-'));
  file = join(folder, 'task.zip');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const AT_NOON = new Date('2026-01-01T12:00:00Z');

const MANIFEST: TaskArchive = {
  format: 'mofsimbench-task',
  format_version: 1,
  exported_at: AT_NOON.toISOString(),
  program_version: '0.1.0',
  task: {
    task_id: 'task_aaaaaaaaaaaaaaaa',
    task_type: 'optimization',
    status: 'FAILED',
    model: 'uff4mof',
    priority: 'NORMAL',
    progress: 0,
    stage: null,
    name: null,
    tags: [],
    depends_on: [],
    batch_id: null,
    retry_of: null,
    with_d3: false,
    timeout: null,
    structure: { source: 'builtin', name: 'rock-salt' },
    structure_name: 'rock-salt',
    n_atoms: 8,
    formula: 'Cl4Na4',
    parameters: {},
    created_at: AT_NOON.toISOString(),
    queued_at: null,
    started_at: null,
    finished_at: AT_NOON.toISOString(),
    execution_time_seconds: null,
    gpu_id: null,
    device: null,
    attempts: 0,
    max_attempts: 3,
    preemptions: 0,
    estimated_wait_seconds: null,
    estimated_remaining_seconds: null,
    metrics: { peak_gpu_memory_MB: null, avg_step_time_ms: null },
    error: null,
  },
  model: { id: 'uff4mof', version: '2016', sha256: null },
  versions: {},
  seed: null,
  structure: { parsed: null, given: null },
};

function entry(name: string, content: string | Buffer): ArchiveEntry {
  return { name, open: () => Readable.from([Buffer.from(content)]) };
}

const GOOD = entry('manifest.json', JSON.stringify(MANIFEST));

async function write(...entries: ArchiveEntry[]): Promise<void> {
  await pipeline(writeArchive(entries, AT_NOON), createWriteStream(file));
}

function read(limits: Partial<ArchiveLimits> = {}): ReturnType<typeof readArchive> {
  return readArchive(file, { ...DEFAULT_ARCHIVE_LIMITS, ...limits });
}

/** Same length, so that every offset in the file stays right. */
function replaceInFile(from: string, to: string): void {
  expect(to).toHaveLength(from.length);
  const text = readFileSync(file, 'latin1');
  expect(text).toContain(from);
  writeFileSync(file, text.replaceAll(from, to), 'latin1');
}

describe('an archive', () => {
  test('what_was_written_is_read', async () => {
    await write(GOOD, entry('outputs/result.json', '{"energy_eV": -1}'), entry('outputs/steps.csv', 'a,b\n'));
    expect(await read()).toEqual({ manifest: MANIFEST, input: null, all_frames: null, result: { energy_eV: -1 } });
  });

  test('the_same_content_gives_the_same_bytes', async () => {
    await write(GOOD, entry('outputs/a.txt', 'a'));
    const first = readFileSync(file);
    await write(GOOD, entry('outputs/a.txt', 'a'));
    expect(readFileSync(file).equals(first)).toBe(true);
  });

  test.skipIf(process.platform === 'win32')('sha256sum_agrees_with_its_list', async () => {
    await write(GOOD, entry('outputs/a.txt', 'a'));
    const list = execFileSync('python3', ['-c', UNPACK, file, folder], { encoding: 'utf8' });
    expect(list).toBe('manifest.json: OK\noutputs/a.txt: OK\n');
  });

  test('a_file_that_cannot_be_read_ends_it_with_the_error', async () => {
    const missing = { name: 'outputs/b.txt', open: () => createReadStream(join(folder, 'nowhere')) };
    await expect(write(GOOD, missing)).rejects.toThrow('ENOENT');
  });

  test('a_reader_that_goes_away_closes_the_open_file', async () => {
    const large = join(folder, 'large');
    writeFileSync(large, Buffer.alloc(8 * 1024 * 1024, 'x'));
    const source = createReadStream(large);
    const closed = once(source, 'close');
    const archive = writeArchive([{ name: 'outputs/large', open: () => source }], AT_NOON);
    archive.once('data', () => archive.destroy());
    await closed;
    expect(source.destroyed).toBe(true);
  });
});

describe('an archive that somebody made up', () => {
  test.each([
    ['a_name_that_leads_out', '../../evil.json', 'invalid relative path'],
    ['an_absolute_name', '/etc/passwd.jso', 'absolute path'],
    ['a_name_for_windows', 'C:\\evil\\xx.json', 'invalid characters in fileName'],
  ])('%s_is_refused', async (_what, name, reason) => {
    await write(GOOD, entry('outputs/xx.json', '{}'));
    replaceInFile('outputs/xx.json', name);
    await expect(read()).rejects.toThrow(reason);
  });

  test('a_bomb_is_refused_before_it_is_unpacked', async () => {
    await write(GOOD, entry('outputs/bomb', Buffer.alloc(64 * 1024 * 1024)));
    await expect(read()).rejects.toThrow('would unpack to more than 300 times its size');
  });

  test('an_entry_larger_than_it_says_is_refused', async () => {
    await write(GOOD, entry('outputs/result.json', 'x'.repeat(4096)));
    const bytes = readFileSync(file);
    // The size in the central directory, 4 bytes, little-endian.
    const honest = Buffer.from([0, 0x10, 0, 0]);
    const at = bytes.lastIndexOf(honest);
    bytes.writeUInt32LE(100, at);
    writeFileSync(file, bytes);
    await expect(read()).rejects.toThrow(ArchiveError);
  });

  test('a_directory_beyond_every_file_is_refused', async () => {
    // The end of an archive with a locator of 64-bit fields (signature, disk, offset, disks) that points to 2^63.
    const locator = Buffer.from('504b0607' + '00000000' + '0000000000000080' + '01000000', 'hex');
    const end = Buffer.from('504b0506' + '00'.repeat(18), 'hex');
    writeFileSync(file, Buffer.concat([locator, end]));
    await expect(read()).rejects.toThrow('not in the file');
  });

  test('too_many_too_large_and_doubled_entries_are_refused', async () => {
    await write(GOOD, entry('outputs/a', 'a'), entry('outputs/b', 'b'));
    await expect(read({ maxEntries: 3 })).rejects.toThrow('more than 3 entries');
    await expect(read({ maxTotalBytes: 100 })).rejects.toThrow('more than 100 bytes');
    await expect(read({ maxKeptBytes: 100 })).rejects.toThrow('manifest.json has');
    replaceInFile('outputs/b', 'outputs/a');
    await expect(read()).rejects.toThrow('two entries named outputs/a');
  });

  test('changed_and_missing_content_is_noticed', async () => {
    await write(GOOD, entry('outputs/result.json', '{}'));
    const other = { ...MANIFEST, program_version: '0.9.9' };
    const honest = readFileSync(file);
    await write(entry('manifest.json', JSON.stringify(other)), entry('outputs/result.json', '{}'));
    expect((await read()).manifest.program_version).toBe('0.9.9');
    writeFileSync(file, honest);
    replaceInFile('outputs/result.json', 'outputs/resold.json');
    await expect(read()).rejects.toThrow(ArchiveError);
  });

  test('what_is_no_exported_task_is_told_so', async () => {
    writeFileSync(file, 'hello');
    await expect(read()).rejects.toThrow('cannot be read as an archive');
    await write(entry('readme.txt', 'hello'));
    await expect(read()).rejects.toThrow('has no manifest.json');
    await write(entry('manifest.json', '{"format": "something else"}'));
    await expect(read()).rejects.toThrow('manifest.json does not say what it should');
    await write(entry('manifest.json', 'not JSON'));
    await expect(read()).rejects.toThrow('is not JSON');
  });
});

/** Unpacks with another program and lets sha256sum check the list. */
const UNPACK = `
import subprocess, sys, zipfile
zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])
sys.stdout.write(subprocess.run(['sha256sum', '-c', 'SHA256SUMS'], cwd=sys.argv[2], capture_output=True, text=True, check=True).stdout)
`;
