/** What the caller and the worker that runs the HDF5 library say to each other. All of it can be cloned. */

/** Where a file's bytes are: on disk (Node), in memory, or in a Blob that a page was given. */
export type H5Location = { readonly path: string } | { readonly bytes: Uint8Array } | { readonly blob: Blob };

/** HDF5's classes of types (H5T_class_t) by the numbers that the library uses. */
export const typeClass = {
  integer: 0,
  float: 1,
  text: 3,
  compound: 6,
  reference: 7,
  enumeration: 8,
  variableLength: 9,
  array: 10,
} as const;

/** A stored type as the library reports it. */
export interface H5Type {
  readonly type: number;
  /** Bytes of one element in memory. */
  readonly size: number;
  readonly signed: boolean;
  readonly vlen: boolean;
  readonly compound_type?: { readonly members: readonly H5Member[] } | undefined;
  readonly enum_type?:
    | { readonly type: number; readonly members: Readonly<Record<string, number>> }
    | undefined;
  readonly vlen_type?: H5Type | undefined;
  readonly array_type?: H5Type | undefined;
}

export interface H5Member extends H5Type {
  readonly name: string;
  readonly offset: number;
}

/** One dataset of a file. */
export interface H5Entry {
  /** Path from the root, without a leading slash. */
  readonly path: string;
  /** `null`: a dataset that holds nothing, not even one element. */
  readonly shape: readonly number[] | null;
  readonly stored: H5Type;
  readonly chunks: readonly number[] | null;
  /** Numbers of the filters that stored chunks go through (1 is gzip). */
  readonly filters: readonly number[];
  /** Whether the values stand in other files, which are never opened. */
  readonly isVirtual: boolean;
}

export type H5AttributeValue = string | number | boolean | readonly string[] | readonly number[];

/** Bytes of fixed parts of records, and of one or more members of variable length. */
export interface H5Records {
  readonly bytes: Uint8Array;
  /** By member: number of elements in each record, and all elements one after the other. */
  readonly members: Readonly<Record<string, { readonly lengths: Uint32Array; readonly bytes: Uint8Array }>>;
}

/** A dataset to be created. With chunks it begins empty and is filled by `write`, else it takes `bytes`. */
export interface H5NewDataset {
  readonly path: string;
  readonly type: {
    readonly type: number;
    readonly size: number;
    readonly signed: boolean;
    readonly parts: 1 | 2;
  };
  readonly shape: readonly number[];
  readonly chunks: readonly number[] | null;
  readonly gzip: number;
  readonly bytes: Uint8Array | null;
}

/** Requests by name: what they take, and what the answer is. */
export interface H5Requests {
  open: { readonly args: { readonly location: H5Location }; readonly result: readonly H5Entry[] };
  attributes: {
    readonly args: { readonly path: string };
    readonly result: Readonly<Record<string, H5AttributeValue>>;
  };
  /** Elements [offset, offset + count) of a dataset; all of it without them. */
  read: {
    readonly args: {
      path: string;
      offset: readonly number[] | null;
      count: readonly number[] | null;
      bytes: number;
    };
    readonly result: Uint8Array;
  };
  texts: { readonly args: { readonly path: string }; readonly result: readonly string[] };
  records: {
    readonly args: {
      readonly path: string;
      readonly start: number;
      readonly count: number;
      readonly members: readonly string[];
    };
    readonly result: H5Records;
  };
  create: { readonly args: { readonly path: string | null }; readonly result: null };
  createDataset: { readonly args: H5NewDataset; readonly result: null };
  write: {
    readonly args: { path: string; offset: readonly number[]; count: readonly number[]; bytes: Uint8Array };
    readonly result: null;
  };
  createText: { readonly args: { readonly path: string; readonly text: string }; readonly result: null };
  createAttribute: {
    readonly args: { readonly path: string; readonly name: string; readonly value: H5AttributeValue };
    readonly result: null;
  };
  /** Ends work on the file. `bytes`: a file created in memory; `heapBytes`: memory that the library holds on to. */
  close: {
    readonly args: Record<never, never>;
    readonly result: { readonly bytes: Uint8Array | null; readonly heapBytes: number };
  };
}

export type H5RequestName = keyof H5Requests;

export interface H5Request<Name extends H5RequestName = H5RequestName> {
  readonly id: number;
  readonly name: Name;
  readonly args: H5Requests[Name]['args'];
}

/**
 * An answer. After a failure the worker is `clean` (nothing was opened), `doubtful` (the library may hold on to parts of
 * the file: good for more of this file, but not for another), or `broken` (its memory may be damaged).
 */
export type H5Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string; readonly after: 'clean' | 'doubtful' | 'broken' };
