/// The light virtual machine monitor: partitions of one machine's memory, and the devices they are
/// given.
module dev.portcullis.vmm {
  requires transitive dev.portcullis.driver;
  requires transitive dev.portcullis.guest;
  requires transitive dev.portcullis.machine;
  requires transitive dev.portcullis.memory;
  requires transitive dev.portcullis.net;
  requires transitive dev.portcullis.pci;
  requires transitive dev.portcullis.qemu;
  requires transitive dev.portcullis.spec;
  requires transitive dev.portcullis.unit;
  requires dev.portcullis.linux;
  requires dev.portcullis.vfiouser;
  requires java.management;
  requires tools.jackson.core;
  requires tools.jackson.databind;

  exports dev.portcullis.vmm;
  exports dev.portcullis.vmm.assign;
  exports dev.portcullis.vmm.audit;
  exports dev.portcullis.vmm.bridge;
  exports dev.portcullis.vmm.console;
  exports dev.portcullis.vmm.engine;
  exports dev.portcullis.vmm.engine.embedded;
  exports dev.portcullis.vmm.engine.qemu;
  exports dev.portcullis.vmm.event;
  exports dev.portcullis.vmm.fault;
  exports dev.portcullis.vmm.filter;
  exports dev.portcullis.vmm.filter.rule;
  exports dev.portcullis.vmm.filter.run;
  exports dev.portcullis.vmm.filter.text;
  exports dev.portcullis.vmm.filter.track;
  exports dev.portcullis.vmm.interrupt;
  exports dev.portcullis.vmm.iomodel;
  exports dev.portcullis.vmm.isolation;
  exports dev.portcullis.vmm.memory;
  exports dev.portcullis.vmm.nativeos;
  exports dev.portcullis.vmm.nativeos.description;
  exports dev.portcullis.vmm.nativeos.dma;
  exports dev.portcullis.vmm.partition;
  exports dev.portcullis.vmm.platform;
  exports dev.portcullis.vmm.platform.boot;
  exports dev.portcullis.vmm.platform.control;
  exports dev.portcullis.vmm.platform.description;
  exports dev.portcullis.vmm.software;
  exports dev.portcullis.vmm.software.linux;

  opens dev.portcullis.vmm.platform to
      tools.jackson.databind;
}
