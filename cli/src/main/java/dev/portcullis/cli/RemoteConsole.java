package dev.portcullis.cli;

import dev.portcullis.vmm.console.Output;
import dev.portcullis.vmm.console.Wish;
import dev.portcullis.vmm.platform.control.ConsoleEnd;
import dev.portcullis.vmm.platform.control.ConsoleWords;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// A partition's console on a platform elsewhere: the WebSocket that its Redfish service offers,
/// with [ConsoleWords] on it.
///
/// One message is asked for at a time: whoever does not read makes the platform wait, and nobody
/// store.
final class RemoteConsole implements ConsoleEnd, AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int MOST_ANSWER_BYTES = 1 << 20;
  private static final int MOST_MESSAGE_CHARACTERS = 1 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// What [#arrived] has at the end.
  private static final String END = "";

  private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
  private final Inward inward = new Inward();
  private HttpClient client;
  private WebSocket socket;

  private RemoteConsole() {}

  /// Who comes.
  record Login(String user, String password) {
    String basic() {
      byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(both);
    }
  }

  /// Takes a seat.
  ///
  /// @param url of the Redfish service
  /// @throws IOException with the reason, if it cannot be had
  static RemoteConsole attach(
      SSLContext context, URI url, Login login, String partition, Wish wish, long from)
      throws IOException, InterruptedException {
    RemoteConsole console = new RemoteConsole();
    console.client =
        HttpClient.newBuilder()
            .sslContext(context)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .connectTimeout(LIMIT)
            .build();
    try {
      URI at = address(console.client, url, login, partition);
      String query =
          "?as=%s&from=%d".formatted(wish.name().toLowerCase(Locale.ROOT).replace('_', '-'), from);
      console.socket =
          console
              .client
              .newWebSocketBuilder()
              .connectTimeout(LIMIT)
              .header("Authorization", login.basic())
              .subprotocols("portcullis.console")
              .buildAsync(URI.create(at + query), console.inward)
              .get(2 * LIMIT.toSeconds(), TimeUnit.SECONDS);
      return console;
    } catch (ExecutionException e) {
      console.client.shutdownNow();
      throw new IOException(refusal(e.getCause(), partition), e);
    } catch (TimeoutException e) {
      console.client.shutdownNow();
      throw new IOException(url.getHost() + " does not answer", e);
    } catch (IOException e) {
      console.client.shutdownNow();
      throw e;
    }
  }

  /// Where the console is, on the host that was asked: nobody else is told the password.
  private static URI address(HttpClient client, URI url, Login login, String partition)
      throws IOException, InterruptedException {
    String path =
        "/redfish/v1/Systems/"
            + URLEncoder.encode(partition, StandardCharsets.UTF_8).replace("+", "%20");
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve(path))
            .timeout(LIMIT)
            .header("Authorization", login.basic())
            .build();
    HttpResponse<InputStream> response;
    try {
      response = client.send(request, BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new IOException("%s: %s".formatted(url, reason(e)), e);
    }
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        throw new IOException(words(response, partition));
      }
      byte[] answer = body.readNBytes(MOST_ANSWER_BYTES);
      String at = JSON.readTree(answer).at("/SerialConsole/WebSocket/ConsoleURI").asString("");
      if (at.isEmpty()) {
        throw new IOException("%s offers no consoles".formatted(url.getHost()));
      }
      URI said = new URI(at);
      return new URI("wss", null, url.getHost(), said.getPort(), said.getPath(), null, null);
    } catch (JacksonException | URISyntaxException e) {
      throw new IOException(url.getHost() + " does not speak Redfish", e);
    }
  }

  private static String refusal(Throwable why, String partition) {
    return why instanceof WebSocketHandshakeException refused
        ? words(refused.getResponse(), partition)
        : reason(why);
  }

  private static String words(HttpResponse<?> response, String partition) {
    Optional<String> told = response.headers().firstValue("X-Reason");
    return told.orElseGet(() ->
        switch (response.statusCode()) {
          case 401 -> "user or password is wrong, or the account is locked";
          case 403 -> "your account may not write there: --watch";
          case 404 -> "there is no partition " + partition;
          default -> "the platform answers " + response.statusCode();
        });
  }

  private static String reason(Throwable why) {
    Throwable last = why;
    while (last.getMessage() == null && last.getCause() != null) {
      last = last.getCause();
    }
    return last.getMessage() == null ? "cannot be reached" : last.getMessage();
  }

  @Override
  public Optional<Output> next() throws IOException {
    try {
      String message = arrived.take();
      if (message.equals(END)) {
        arrived.add(END);
        return Optional.empty();
      }
      socket.request(1);
      return Optional.of(ConsoleWords.read(message));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public void type(String keys) throws IOException {
    send(ConsoleWords.keys(keys));
  }

  @Override
  public void takeOver() throws IOException {
    send(ConsoleWords.takeOver());
  }

  private synchronized void send(String message) throws IOException {
    await(socket.sendText(message, true));
  }

  /// Whoever types must be able to leave, also when what is typed goes nowhere.
  private static void await(CompletableFuture<WebSocket> sent) throws IOException {
    try {
      sent.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException("the platform is gone", e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("the platform does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /// What the guest has written by then is still shown; what it answers later is not.
  @Override
  public synchronized void leave() throws IOException {
    await(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
    CompletableFuture.delayedExecutor(LIMIT.toSeconds(), TimeUnit.SECONDS)
        .execute(() -> arrived.add(END));
  }

  @Override
  public void close() {
    socket.abort();
    client.shutdownNow();
  }

  /// Takes what comes.
  private final class Inward implements WebSocket.Listener {
    private final StringBuilder part = new StringBuilder();

    @Override
    public void onOpen(WebSocket opened) {
      opened.request(1);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean isLast) {
      part.append(data);
      if (part.length() > MOST_MESSAGE_CHARACTERS) {
        from.abort();
        arrived.add(END);
      } else if (isLast) {
        arrived.add(part.toString());
        part.setLength(0);
      } else {
        from.request(1);
      }
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      arrived.add(END);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      arrived.add(END);
    }
  }
}
