package dev.portcullis.kit.ats;

import dev.portcullis.pci.DownstreamPort;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PageResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The functions behind a unit, as far as the unit speaks to them. They note what they hear, and do
/// with it what the test says.
public final class Functions implements DownstreamPort {

  /// What a function was told.
  public sealed interface Heard {
    int requesterId();
  }

  /// It was told to forget.
  public record Forget(int requesterId, InvalidateRequest request) implements Heard {}

  /// It was answered.
  public record Answer(int requesterId, PageResponse response) implements Heard {}

  private final List<Heard> heard = new ArrayList<>();
  private boolean present = true;
  private Consumer<Heard> reaction = message -> {};

  /// Functions that note and keep silent.
  public Functions() {}

  /// There are none from now on.
  public void unplug() {
    present = false;
  }

  /// Has `then` act on each message as it comes.
  public void onHearing(Consumer<Heard> then) {
    reaction = then;
  }

  @Override
  public boolean invalidate(int requesterId, InvalidateRequest request) {
    return present && hear(new Forget(requesterId, request));
  }

  @Override
  public void respond(int requesterId, PageResponse response) {
    hear(new Answer(requesterId, response));
  }

  private boolean hear(Heard message) {
    synchronized (heard) {
      heard.add(message);
    }
    reaction.accept(message);
    return true;
  }

  /// Everything since the last call, in order.
  public List<Heard> take() {
    synchronized (heard) {
      List<Heard> taken = List.copyOf(heard);
      heard.clear();
      return taken;
    }
  }

  /// The only thing heard since the last call to any of the takers: to forget.
  ///
  /// @throws AssertionError if it was something else, or not one
  public Forget takeForget() {
    List<Heard> taken = take();
    if (taken.size() == 1 && taken.getFirst() instanceof Forget forget) {
      return forget;
    }
    throw new AssertionError("not one invalidate request: " + taken);
  }

  /// Those of [#take] that told to forget.
  public List<Forget> takeForgets() {
    return take().stream().filter(Forget.class::isInstance).map(Forget.class::cast).toList();
  }

  /// Those of [#take] that answered page requests.
  public List<PageResponse> takeAnswers() {
    return take().stream()
        .filter(Answer.class::isInstance)
        .map(message -> ((Answer) message).response())
        .toList();
  }
}
