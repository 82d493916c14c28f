/// System software for any remapping unit, through registers and memory only.
module dev.portcullis.driver {
  requires transitive dev.portcullis.spec;
  requires transitive dev.portcullis.memory;

  exports dev.portcullis.driver;
  exports dev.portcullis.driver.command;
  exports dev.portcullis.driver.device;
  exports dev.portcullis.driver.discovery;
  exports dev.portcullis.driver.dma;
  exports dev.portcullis.driver.domain;
  exports dev.portcullis.driver.fault;
  exports dev.portcullis.driver.interrupt;
  exports dev.portcullis.driver.invalidation;
  exports dev.portcullis.driver.iova;
  exports dev.portcullis.driver.pagerequest;
  exports dev.portcullis.driver.port;
  exports dev.portcullis.driver.table;
}
