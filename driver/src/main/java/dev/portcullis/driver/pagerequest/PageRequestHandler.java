package dev.portcullis.driver.pagerequest;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.spec.descriptor.PageRequestDescriptor;

/// Makes pages available, or refuses to.
public interface PageRequestHandler {

  /// What a device is told of a group of requests.
  enum Answer {
    /// The pages are there: try again.
    SUCCESS(0),
    /// One of them is not to be had.
    INVALID_REQUEST(1),
    /// Something is broken: the device asks no more.
    FAILURE(15);

    private final int code;

    Answer(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /// Does what it takes, such as mapping a page; it attaches and detaches nothing.
  Answer answer(PageRequestDescriptor request) throws DriverException;
}
