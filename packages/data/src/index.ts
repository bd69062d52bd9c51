export * from './checks/index.ts'
export { Bytes } from './dataset/bytes.ts'
export type { BatchOptions } from './dataset/batch.ts'
export {
  Dataset,
  type DatasetTree,
  type ElementArguments,
  type Truth,
  type Windowed,
  type Zipped,
} from './dataset/dataset.ts'
export type { Generated } from './dataset/generator.ts'
export type { FlatMapOptions, InterleaveOptions } from './dataset/interleave.ts'
export type { MapOptions } from './dataset/map.ts'
export type { Nested } from './dataset/nested.ts'
export type { PaddedBatchOptions, PaddedShapes, PaddingValues } from './dataset/padded.ts'
export { Readable } from './dataset/reading.ts'
export type { ChooseOptions, SampleOptions } from './dataset/sample.ts'
export type { ShuffleOptions } from './dataset/shuffle.ts'
export type {
  AnySpec,
  ArraySpec,
  BytesSpec,
  DatasetSpec,
  ElementOf,
  LeafSpec,
  PartialShape,
  Spec,
  Yielded,
} from './dataset/spec.ts'
export { AUTOTUNE, type Cardinality } from './dataset/stage.ts'
export type { Element } from './dataset/structure.ts'
export type { RandomOptions } from './dataset/threefry.ts'
export type { WindowOptions } from './dataset/window.ts'
export { DatasetError, NpyError, RecordError, type RecordPlace } from './errors.ts'
export { hdf5Dataset, type Hdf5Element, type Hdf5Names } from './hdf5/dataset.ts'
export { type Files, listFiles, type Path } from './io/glob.ts'
export { npyDataset, type NpyDatasetOptions, npzDataset, type NpzDatasetOptions } from './npy/dataset.ts'
export { loadNpy, loadNpz, type SaveOptions, saveNpy, saveNpz } from './npy/files.ts'
export { readNpy, type ReadNpyOptions, writeNpy } from './npy/npy.ts'
export { type NamedArrays, readNpz, type ReadNpzOptions, writeNpz, type WriteNpzOptions } from './npy/npz.ts'
export { TFRecordDataset, type TFRecordDatasetOptions } from './tfrecord/dataset.ts'
export { decodeExample, encodeExample, type Feature } from './tfrecord/example.ts'
export { readRecordInfo, type RecordInfo } from './tfrecord/info.ts'
export type { Parser } from './tfrecord/parser.ts'
export type { ReadOptions } from './tfrecord/reader.ts'
export { saveTFRecord } from './tfrecord/save.ts'
export type { Compression } from './tfrecord/source.ts'
export { TFRecords, type TFRecordsOptions, type WrittenRecords } from './tfrecord/tfrecords.ts'
export type { DerivativeOptions, FiducialOptions } from './tfrecord/write-options.ts'
