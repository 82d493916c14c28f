/// Network formats, and a host that speaks them: nothing here knows a device.
module dev.portcullis.net {
  exports dev.portcullis.net;
  exports dev.portcullis.net.host;
  exports dev.portcullis.net.http;
  exports dev.portcullis.net.packet;
  exports dev.portcullis.net.pcapng;
}
