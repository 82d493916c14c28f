/// Physical memory as its users see it: regions with holes between them, read and written in bulk,
/// fetched in words with defined ordering.
module dev.portcullis.memory {
  exports dev.portcullis.memory;
}
