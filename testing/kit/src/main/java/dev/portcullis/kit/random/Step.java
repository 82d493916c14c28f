package dev.portcullis.kit.random;

import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.reference.Ask;
import java.util.List;

/// Something that happens to a unit. A list of steps is all there is to a run, so that a run that
/// went wrong can be repeated with fewer.
public sealed interface Step {

  /// Software writes words side by side.
  ///
  /// @param what a name for the reader
  record Write(String what, long hpa, List<Long> words) implements Step {
    @Override
    public String toString() {
      return "write %s at %#x: %s"
          .formatted(what, hpa, words.stream().map(word -> "%016x".formatted(word)).toList());
    }
  }

  /// Software writes, and does not invalidate at once: until it does, answers of before are good.
  record Stale(Write write) implements Step {
    @Override
    public String toString() {
      return write + ", and nothing is invalidated";
    }
  }

  /// Software writes, and invalidates what it says before any device goes on.
  record Mended(Write write, Invalidate invalidate) implements Step {
    @Override
    public String toString() {
      return write + ", " + invalidate;
    }
  }

  /// Software writes, and invalidates what it must, which depends on what stood there.
  record Owing(ScalableWorld.Change change) implements Step {
    @Override
    public String toString() {
      return change.write() + ", and what is due";
    }
  }

  /// Software invalidates.
  record Invalidate(List<Descriptor> descriptors) implements Step {
    @Override
    public String toString() {
      return "invalidate " + descriptors;
    }
  }

  /// A device makes a request.
  record Make(Ask ask) implements Step {
    @Override
    public String toString() {
      return ask.toString();
    }
  }
}
