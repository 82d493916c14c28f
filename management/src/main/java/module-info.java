/// What runs in the services partition, or on its behalf: it goes on while the partitions that it
/// looks after are off, hung or hostile.
module dev.portcullis.management {
  requires transitive dev.portcullis.machine;
  requires transitive dev.portcullis.net;
  requires transitive dev.portcullis.pci;
  requires transitive dev.portcullis.vmm;
  requires cel;
  requires dev.portcullis.devices;
  requires dev.portcullis.driver;
  requires dev.portcullis.memory;
  requires java.management;
  requires java.net.http;
  requires jdk.httpserver;
  requires org.java_websocket;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires tools.jackson.dataformat.yaml;

  exports dev.portcullis.management;
  exports dev.portcullis.management.access;
  exports dev.portcullis.management.account;
  exports dev.portcullis.management.boot.log;
  exports dev.portcullis.management.boot.manifest;
  exports dev.portcullis.management.boot.verity;
  exports dev.portcullis.management.boot;
  exports dev.portcullis.management.containment;
  exports dev.portcullis.management.endpoint;
  exports dev.portcullis.management.enforcement;
  exports dev.portcullis.management.health;
  exports dev.portcullis.management.integrity;
  exports dev.portcullis.management.inventory;
  exports dev.portcullis.management.posture;
  exports dev.portcullis.management.provision;
  exports dev.portcullis.management.recovery;
  exports dev.portcullis.management.remediation;
  exports dev.portcullis.management.redfish;
  exports dev.portcullis.management.state;
}
