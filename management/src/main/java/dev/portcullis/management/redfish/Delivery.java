package dev.portcullis.management.redfish;

import dev.portcullis.management.redfish.Feed.Numbered;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.json.JsonMapper;

/// Sends events to one subscriber, one after the other, on a thread of its own: a listener that
/// hangs holds up nobody but itself.
final class Delivery {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long LOOK_MILLIS = 60_000;

  private final String id;
  private final HttpClient client;
  private final Feed feed;
  private final Limits limits;
  private final Observer observer;
  private volatile Subscription subscription;
  private State state = State.ACTIVE;
  private Thread thread;
  private long at;
  private long delivered;
  private long lost;
  private Optional<String> trouble = Optional.empty();

  /// How much patience there is with a listener.
  ///
  /// @param attempts after the first one
  /// @param pause between two
  /// @param patience for an answer
  record Limits(int attempts, Duration pause, Duration patience) {}

  /// Told when events do not arrive.
  interface Observer {
    /// No more are sent, or at least not this one.
    ///
    /// @param state of the delivery from now on
    void gaveUp(String id, State state, String why);
  }

  /// Whether anything is sent.
  enum State {
    ACTIVE,
    /// Not until somebody says so.
    SUSPENDED,
    /// Never again.
    ENDED
  }

  /// How it is doing.
  ///
  /// @param lost how many events nobody got
  /// @param trouble with the latest one, if there was any
  record Status(State state, long delivered, long lost, Optional<String> trouble) {}

  Delivery(
      String id,
      Subscription subscription,
      HttpClient client,
      Feed feed,
      Limits limits,
      Observer observer) {
    this.id = id;
    this.subscription = subscription;
    this.client = client;
    this.feed = feed;
    this.limits = limits;
    this.observer = observer;
    this.at = feed.last();
  }

  /// Sends what is told from now on.
  void start() {
    thread = Thread.ofVirtual().name("subscription " + id).start(this::run);
  }

  Subscription subscription() {
    return subscription;
  }

  /// Has it otherwise from the next event on.
  void change(Subscription other) {
    subscription = other;
  }

  synchronized Status status() {
    return new Status(state, delivered, lost, trouble);
  }

  /// Sends again, or no more for the time being.
  synchronized void set(State wanted) {
    if (state != State.ENDED) {
      state = wanted;
      notifyAll();
    }
  }

  /// Nothing is sent any more.
  void end() {
    set(State.ENDED);
    thread.interrupt();
  }

  private void run() {
    try {
      while (awaitActive() && !feed.isClosed()) {
        Optional<Numbered> next = feed.next(at, LOOK_MILLIS);
        if (next.isPresent()) {
          take(next.get());
        }
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean awaitActive() throws InterruptedException {
    while (state == State.SUSPENDED) {
      wait();
    }
    return state == State.ACTIVE;
  }

  private void take(Numbered next) throws InterruptedException {
    passed(next.number() - at - 1);
    at = next.number();
    if (subscription.filter().wants(next.notice())) {
      deliver(next);
    }
  }

  /// What made room meanwhile.
  private synchronized void passed(long count) {
    lost += count;
  }

  private void deliver(Numbered next) throws InterruptedException {
    for (int attempt = 0; ; attempt++) {
      Optional<String> failed = send(next);
      note(failed);
      if (failed.isEmpty()) {
        return;
      }
      if (attempt >= limits.attempts() && giveUp(failed.get())) {
        return;
      }
      if (!pause()) {
        return;
      }
    }
  }

  private synchronized void note(Optional<String> failed) {
    trouble = failed;
    if (failed.isEmpty()) {
      delivered++;
    }
  }

  /// @return false if it is tried again all the same
  private boolean giveUp(String why) {
    State next =
        switch (subscription.policy()) {
          case TERMINATE -> State.ENDED;
          case SUSPEND -> State.SUSPENDED;
          case FOREVER -> State.ACTIVE;
        };
    if (next == State.ACTIVE) {
      return false;
    }
    passed(1);
    set(next);
    observer.gaveUp(id, next, why);
    return true;
  }

  /// @return false if there is no more to try
  private synchronized boolean pause() throws InterruptedException {
    long end = System.nanoTime() + limits.pause().toNanos();
    for (long left = 1; left > 0 && state == State.ACTIVE; ) {
      left = (end - System.nanoTime()) / 1_000_000;
      if (left > 0) {
        wait(left);
      }
    }
    return state == State.ACTIVE;
  }

  /// @return why it did not arrive; nothing if it did
  private Optional<String> send(Numbered next) throws InterruptedException {
    Subscription to = subscription;
    HttpRequest.Builder request =
        HttpRequest.newBuilder(to.destination())
            .timeout(limits.patience())
            .header("Content-Type", "application/json;charset=utf-8")
            .header("OData-Version", "4.0")
            .POST(
                BodyPublishers.ofByteArray(
                    JSON.writeValueAsBytes(next.notice().body(next.number(), to.context()))));
    to.headers().forEach(request::setHeader);
    CompletableFuture<HttpResponse<Void>> answer =
        client.sendAsync(request.build(), BodyHandlers.discarding());
    try {
      // All of the answer: one that never ends would otherwise be waited for.
      int status = answer.get(limits.patience().toMillis(), TimeUnit.MILLISECONDS).statusCode();
      return status / 100 == 2 ? Optional.empty() : Optional.of("it answers with status " + status);
    } catch (TimeoutException e) {
      return Optional.of("it does not answer");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof HttpTimeoutException) {
        return Optional.of("it does not answer");
      }
      return Optional.of(
          cause instanceof IOException && cause.getMessage() != null
              ? cause.getMessage()
              : cause.toString());
    } finally {
      answer.cancel(true);
    }
  }
}
