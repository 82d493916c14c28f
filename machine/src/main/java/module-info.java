/// A whole machine: which units and devices it has, how they are wired, and what firmware tells
/// software about them.
module dev.portcullis.machine {
  requires transitive dev.portcullis.memory;
  requires transitive dev.portcullis.pci;
  requires transitive dev.portcullis.spec;
  requires transitive dev.portcullis.unit;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires tools.jackson.dataformat.yaml;

  exports dev.portcullis.machine.description;
  exports dev.portcullis.machine.wiring;
}
