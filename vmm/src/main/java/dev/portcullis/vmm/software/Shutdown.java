package dev.portcullis.vmm.software;

/// Whether software goes on, looks at its bus again, or comes to its end.
final class Shutdown {
  private boolean pressed;
  private boolean changed;

  /// The power button was pressed.
  synchronized void press() {
    pressed = true;
    notifyAll();
  }

  /// A function came or went.
  synchronized void change() {
    changed = true;
    notifyAll();
  }

  /// Forgets: the next who waits is another.
  synchronized void clear() {
    pressed = false;
    changed = false;
  }

  /// Waits until there is something to do.
  ///
  /// @return whether the bus has changed; if not, it is time to end
  synchronized boolean awaitChange() throws InterruptedException {
    while (!pressed && !changed) {
      wait();
    }
    boolean goOn = !pressed;
    changed = false;
    return goOn;
  }
}
