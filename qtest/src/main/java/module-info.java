/// QEMU's qtest text protocol: a machine without a processor, driven line by line over a socket.
///
/// Start with {@link dev.portcullis.qtest.server.QtestServer} to offer a machine, and with {@link
/// dev.portcullis.qtest.client.QtestClient} to drive one, QEMU's or ours.
module dev.portcullis.qtest {
  exports dev.portcullis.qtest.client;
  exports dev.portcullis.qtest.server;
}
