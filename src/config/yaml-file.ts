// One YAML file: its value, and the line and column of anything in it. The only file that knows the YAML parser.
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Problem } from '../errors.ts';

export type Path = readonly PropertyKey[];

export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** Mistakes of YAML itself: bad indentation, a key written twice. */
  readonly problems: readonly Problem[];
  /** A mistake at a place in the file; where the place is missing, at the nearest part that is there. */
  readonly problem: (path: Path, message: string, hint: string) => Problem;
}

export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' });
  const problems = document.errors.map(error => ({
    file,
    line: error.linePos?.[0].line ?? 1,
    column: error.linePos?.[0].col ?? 1,
    path: '',
    message:
      plainWords[error.code] ??
      (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''),
    hint:
      error.code === 'DUPLICATE_KEY'
        ? 'Keep one of the two'
        : 'Mend the YAML here first: nothing below it was read',
  }));
  const problem = (path: Path, message: string, hint: string): Problem => {
    const { line, col } = lines.linePos(offsetOf(document, path));
    return { file, line, column: col, path: formatPath(path), message, hint };
  };
  // One slip often sets off several errors at one place; the first says it.
  const first = problems.filter(
    (one, index) => problems.findIndex(other => other.line === one.line) === index,
  );
  return { file, value: problems.length > 0 ? null : document.toJS(), problems: first, problem };
}

/** The parser's commonest complaints, said for people who write policies and not parsers. */
const plainWords: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key stands here twice',
  BLOCK_AS_IMPLICIT_KEY: 'this is indented wrongly, or holds a colon that needs quotes',
  BAD_INDENT: 'this is indented wrongly',
  TAB_AS_INDENT: 'this is indented with a tab: YAML takes spaces alone',
  MULTIPLE_DOCS: 'a second document begins here, and one file holds one',
};

/** `datasets[0].start.unit` */
function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(part));
      if (pair === undefined) return offset;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}
