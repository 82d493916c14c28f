/// What the specifications define, as data: bits, registers, table entries, descriptors, fault
/// reasons. No behaviour, no mutable field.
module dev.portcullis.spec {
  exports dev.portcullis.spec;
  exports dev.portcullis.spec.dmar;
  exports dev.portcullis.spec.descriptor;
  exports dev.portcullis.spec.fault;
  exports dev.portcullis.spec.interrupt;
  exports dev.portcullis.spec.register;
  exports dev.portcullis.spec.table;
}
