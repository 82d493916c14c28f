package dev.portcullis.vfiouser.server;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/// The log of one connection: a line per fault of the client, but not for ever, or a client could
/// fill the disk.
final class Complaints {
  private static final int MOST = 32;
  private static final Logger LOG = System.getLogger("dev.portcullis.vfiouser");

  private final String prefix;
  private int made;

  /// Complaints that begin with `name`, `vfio-user 00:05.0` say.
  Complaints(String name) {
    prefix = name + ": ";
  }

  /// Something went as it should.
  void note(String event) {
    LOG.log(Level.DEBUG, () -> prefix + event);
  }

  /// The client did something wrong.
  synchronized void about(String fault) {
    if (made < MOST) {
      LOG.log(Level.WARNING, prefix + fault);
    } else if (made == MOST) {
      LOG.log(Level.WARNING, prefix + "more of the kind; silent about this client from here on");
    }
    made++;
  }

  /// We did something wrong.
  void bug(String where, Throwable what) {
    LOG.log(Level.ERROR, prefix + where, what);
  }
}
