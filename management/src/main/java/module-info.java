/// What runs in the services partition, or on its behalf: it goes on while the partitions that it
/// looks after are off, hung or hostile.
module dev.portcullis.management {
  requires transitive dev.portcullis.machine;
  requires transitive dev.portcullis.net;
  requires transitive dev.portcullis.vmm;
  requires tools.jackson.core;
  requires tools.jackson.databind;

  exports dev.portcullis.management;
  exports dev.portcullis.management.enforcement;
  exports dev.portcullis.management.state;
}
