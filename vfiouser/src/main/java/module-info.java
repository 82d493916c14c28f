/// PCI functions offered to a virtual machine monitor over a socket: the vfio-user protocol, a
/// server for one function, and a client.
module dev.portcullis.vfiouser {
  requires transitive dev.portcullis.linux;
  requires transitive dev.portcullis.memory;
  requires transitive dev.portcullis.pci;
  requires tools.jackson.core;

  exports dev.portcullis.vfiouser.client;
  exports dev.portcullis.vfiouser.server;
  exports dev.portcullis.vfiouser.wire;
}
