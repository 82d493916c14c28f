/// What the specifications define, as data: bits, registers, table entries, descriptors, fault
/// reasons. No behaviour, no mutable field.
module dev.portcullis.spec {
  exports dev.portcullis.spec;
  exports dev.portcullis.spec.dmar;
  exports dev.portcullis.spec.register;
}
