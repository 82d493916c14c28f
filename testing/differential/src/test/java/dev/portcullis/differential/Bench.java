package dev.portcullis.differential;

import dev.portcullis.qtest.client.QtestClient;
import java.io.IOException;

/// A machine to run scenarios on.
interface Bench extends AutoCloseable {
  QtestClient client();

  @Override
  void close() throws IOException;
}
