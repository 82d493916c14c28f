/// PCI functions: what sits behind the remapping unit and makes DMA through it.
module dev.portcullis.devices {
  requires transitive dev.portcullis.net;
  requires transitive dev.portcullis.pci;

  exports dev.portcullis.devices.atc;
  exports dev.portcullis.devices.block;
  exports dev.portcullis.devices.disk;
  exports dev.portcullis.devices.dma;
  exports dev.portcullis.devices.edu;
  exports dev.portcullis.devices.net;
  exports dev.portcullis.devices.nvme;
  exports dev.portcullis.devices.pio;
  exports dev.portcullis.devices.queue;
  exports dev.portcullis.devices.testdev;
  exports dev.portcullis.devices.thread;
  exports dev.portcullis.devices.virtio;
  exports dev.portcullis.devices.wire;
}
