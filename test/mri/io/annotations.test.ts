import { FormatError } from '@adjoint/tensor';
import { describe, expect, test } from 'vitest';
import { parseAnnotations, readAnnotations, readFileList } from '../../../packages/mri/src/io/index.js';
import { realFile, testOnRealFiles } from './realFiles.js';

describe('labels of Cheng and Caliva', () => {
  const text = [
    'filename,slice,numBBs,labels,coords',
    "file1000007,21,1,['Lat_Men'],[[100.5 140.25 60 80.5]]",
    "file1000031,1,2,\"['BML_Med_Tib' 'BML_Med_Fem']\",\"[[ 10.  20.  30.  40.]",
    ' [ 50.  90.  70. 110.]]"',
    'file1000040,3,0,[],[]',
    '',
  ].join('\r\n');

  test('slices count from 0 and rows from the top of the stored image', () => {
    expect(parseAnnotations(text)).toEqual([
      {
        file: 'file1000007',
        slice: 20,
        label: 'Lat_Men',
        box: { row: 239.5, column: 100.5, height: 20.5, width: 39.75 },
      },
      {
        file: 'file1000031',
        slice: 0,
        label: 'BML_Med_Tib',
        box: { row: 280, column: 10, height: 10, width: 10 },
      },
      {
        file: 'file1000031',
        slice: 0,
        label: 'BML_Med_Fem',
        box: { row: 210, column: 50, height: 40, width: 40 },
      },
    ]);
  });

  test('the flip is undone: a mark drawn upside down is found where it was', () => {
    // the label's box on the flipped image holds rows 60 to 80: rows 320 - 80 to 320 - 60 of the stored one
    const flipped = Array.from({ length: 320 }, (_, row) => Number(row >= 60 && row < 80));
    const stored = [...flipped].reverse();
    const [first] = parseAnnotations("filename,slice,numBBs,labels,coords\na,1,1,['Cyst'],[[0 1 60 80]]");
    const { row, height } = first!.box!;
    expect(stored.slice(row, row + height).every((value) => value === 1)).toBe(true);
    expect(stored.reduce((sum, value) => sum + value, 0)).toBe(height);
  });

  test('numbers of slices as they are, and other heights, on request', () => {
    expect(parseAnnotations(text, { countsFromOne: false })[0]!.slice).toBe(21);
    expect(parseAnnotations(text, { imageHeight: 400 })[0]!.box!.row).toBe(319.5);
    expect(parseAnnotations(text, { imageHeights: { file1000007: 100 } })[0]!.box!.row).toBe(19.5);
  });

  test.each([
    [
      "a,0,1,['x'],[[1 2 3 4]]",
      'line 2 of the text must be with a slice that is a whole number >= 1; got "0"',
    ],
    ["a,1,2,['x'],[[1 2 3 4]]", 'of 2 labels and boxes x0 x1 y0 y1; got 1 and 1'],
    ["a,1,1,['x'],[[1 2 3]]", 'of 1 labels and boxes'],
    ["a,1,1,['x'],[[1 2 3 b]]", 'of 1 labels and boxes'],
    ['a,1,1', 'of 5 fields; got 3'],
    ['a,1,"1', 'with quotes in pairs'],
    ['a,1,1"2,x,y', 'with quotes in pairs'],
  ])('%s is refused', (line, message) => {
    const run = () => parseAnnotations(`filename,slice,numBBs,labels,coords\n${line}`);
    expect(run).toThrow(FormatError);
    expect(run).toThrow(message);
  });
});

describe('fastMRI+', () => {
  const columns = 'file,slice,study_level,x,y,width,height,label\n';

  test('boxes, and labels of whole studies', () => {
    const rows =
      'file1000001,14,No,90,173,35,10,"Cartilage, ""partial"""\nfile_brain_1,0,Yes,,,,,Normal for age\n';
    expect(parseAnnotations(columns + rows)).toEqual([
      {
        file: 'file1000001',
        slice: 14,
        label: 'Cartilage, "partial"',
        box: { row: 137, column: 90, height: 10, width: 35 },
      },
      { file: 'file_brain_1', slice: undefined, label: 'Normal for age', box: undefined },
    ]);
  });

  test.each([
    ['a,1,No,1,2,3,x,l', 'line 2 of the text must be with a height that is a whole number >= 0; got "x"'],
    ['a,1,No,,2,3,4,l', 'with a x that is'],
    ['a,-1,No,1,2,3,4,l', 'with a slice that is'],
  ])('%s is refused', (line, message) => {
    expect(() => parseAnnotations(columns + line)).toThrow(message);
  });

  test.each(['', 'a,b,c\n1,2,3', '{"x":1}'])('%j is not a file of labels', (text) => {
    expect(() => parseAnnotations(text)).toThrow(FormatError);
  });

  testOnRealFiles.for([
    ['knee', 16_167, 13, 1173],
    ['brain', 8213, 643, 1001],
  ] as const)('%s.csv: every record, and the list of files', async ([name, records, studies, files]) => {
    const found = await readAnnotations(realFile(`fastmri-plus/${name}.csv`));
    expect(found).toHaveLength(records);
    expect(found.filter(({ box }) => box === undefined)).toHaveLength(studies);
    expect(found.every(({ box }) => !box || (box.row >= 0 && box.row + box.height <= 321))).toBe(true);
    const list = await readFileList(realFile(`fastmri-plus/${name}_file_list.csv`));
    expect(list).toHaveLength(files);
    const known = new Set(list);
    expect(found.filter(({ file }) => !known.has(file)).length).toBe(0);
  });
});
