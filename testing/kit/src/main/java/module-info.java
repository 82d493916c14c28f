/// What tests share: a machine with one remapping unit, tables by the bit, a second reading of the
/// architecture to compare with.
module dev.portcullis.kit {
  requires dev.portcullis.spec;
  requires transitive dev.portcullis.memory;
  requires transitive dev.portcullis.pci;
  requires transitive dev.portcullis.unit;
  requires transitive dev.portcullis.driver;

  exports dev.portcullis.kit;
  exports dev.portcullis.kit.ats;
  exports dev.portcullis.kit.coverage;
  exports dev.portcullis.kit.driver;
  exports dev.portcullis.kit.fault;
  exports dev.portcullis.kit.interrupt;
  exports dev.portcullis.kit.memory;
  exports dev.portcullis.kit.queue;
  exports dev.portcullis.kit.random;
  exports dev.portcullis.kit.reference;
  exports dev.portcullis.kit.register;
  exports dev.portcullis.kit.rogue;
  exports dev.portcullis.kit.table;
}
