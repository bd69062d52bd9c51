export * from './checks/index.ts'
export { Bytes } from './dataset/bytes.ts'
export type { BatchOptions } from './dataset/batch.ts'
export { Dataset, type DatasetTree, type ElementArguments, type Zipped } from './dataset/dataset.ts'
export type { Generated } from './dataset/generator.ts'
export type { MapOptions } from './dataset/map.ts'
export type { AnySpec, ArraySpec, BytesSpec, ElementOf, LeafSpec, PartialShape, Spec, Yielded } from './dataset/spec.ts'
export { AUTOTUNE, type Cardinality } from './dataset/stage.ts'
export type { Element } from './dataset/structure.ts'
export { DatasetError, NpyError, RecordError, type RecordPlace } from './errors.ts'
export { type Files, listFiles, type Path } from './io/glob.ts'
export { npyDataset, type NpyDatasetOptions } from './npy/dataset.ts'
export { loadNpy, type SaveOptions, saveNpy } from './npy/files.ts'
export { readNpy, type ReadNpyOptions, writeNpy } from './npy/npy.ts'
export { TFRecordDataset, type TFRecordDatasetOptions } from './tfrecord/dataset.ts'
export { decodeExample, encodeExample, type Feature } from './tfrecord/example.ts'
export { readRecordInfo, type RecordInfo } from './tfrecord/info.ts'
export type { Parser } from './tfrecord/parser.ts'
export type { ReadOptions } from './tfrecord/reader.ts'
export { saveTFRecord } from './tfrecord/save.ts'
export type { Compression } from './tfrecord/source.ts'
export {
  type DerivativeOptions,
  type FiducialOptions,
  TFRecords,
  type TFRecordsOptions,
  type WrittenRecords,
} from './tfrecord/tfrecords.ts'
