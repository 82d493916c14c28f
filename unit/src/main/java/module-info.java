/// The remapping unit: registers in, translations and interrupts out.
module dev.portcullis.unit {
  requires transitive dev.portcullis.spec;
  requires transitive dev.portcullis.memory;
  requires transitive dev.portcullis.pci;

  exports dev.portcullis.unit;
  exports dev.portcullis.unit.drain;
  exports dev.portcullis.unit.event;
  exports dev.portcullis.unit.observe;
  exports dev.portcullis.unit.policy;
  exports dev.portcullis.unit.request;
  exports dev.portcullis.unit.time;
}
