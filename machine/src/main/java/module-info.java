/// A whole machine: which units and devices it has, how they are wired, and what firmware tells
/// software about them; and a Linux that runs on it.
module dev.portcullis.machine {
  requires transitive dev.portcullis.memory;
  requires transitive dev.portcullis.pci;
  requires transitive dev.portcullis.qemu;
  requires transitive dev.portcullis.qtest;
  requires transitive dev.portcullis.spec;
  requires transitive dev.portcullis.unit;
  requires transitive dev.portcullis.vfiouser;
  requires transitive dev.portcullis.devices;
  requires transitive dev.portcullis.linux;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires tools.jackson.dataformat.yaml;

  exports dev.portcullis.machine;
  exports dev.portcullis.machine.bus;
  exports dev.portcullis.machine.chassis;
  exports dev.portcullis.machine.description;
  exports dev.portcullis.machine.explain;
  exports dev.portcullis.machine.firmware;
  exports dev.portcullis.machine.guest;
  exports dev.portcullis.machine.qtest;
  exports dev.portcullis.machine.wire;
  exports dev.portcullis.machine.wiring;
}
