package dev.portcullis.management.redfish;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.ServiceCertificate;
import dev.portcullis.management.account.Sessions;
import dev.portcullis.management.recovery.BootOverride;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.AbortPolicy;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/// A running Redfish service over HTTPS.
public final class RedfishService implements AutoCloseable {
  private static final Duration SESSION_TIMEOUT = Duration.ofMinutes(30);
  private static final int THREADS = 8;
  private static final int WAITING = 32;
  private static final int BACKLOG = 32;

  private final HttpsServer server;
  private final ThreadPoolExecutor threads;
  private final Accounts accounts;
  private final Optional<SerialConsoles> consoles;
  private final EventService events;

  private RedfishService(
      HttpsServer server,
      ThreadPoolExecutor threads,
      Accounts accounts,
      Optional<SerialConsoles> consoles,
      EventService events) {
    this.events = events;
    this.consoles = consoles;
    this.server = server;
    this.threads = threads;
    this.accounts = accounts;
  }

  /// Bounds of the JDK's server, which it reads once, when it is used first: how many connections
  /// there are, and how many seconds somebody may take to send a request or to take its answer.
  private static void bound() {
    setUnlessSet("jdk.httpserver.maxConnections", "64");
    setUnlessSet("sun.net.httpserver.maxReqTime", "20");
    setUnlessSet("sun.net.httpserver.maxRspTime", "60");
    setUnlessSet("sun.net.httpserver.idleInterval", "30");
    setUnlessSet("sun.net.httpserver.maxReqHeaders", "64");
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /// Begins to answer.
  ///
  /// @param own folder for a certificate of its own
  /// @throws AccountException if there is no certificate, or the address cannot be had
  public static RedfishService start(
      RedfishDescription description,
      RunningPlatform platform,
      Care care,
      Protection protection,
      StateStore state,
      Path own)
      throws AccountException, InterruptedException {
    bound();
    SSLContext context =
        description.certificate().isPresent()
            ? ServiceCertificate.read(
                description.certificate().get().store(), description.certificate().get().password())
            : ServiceCertificate.own(own);
    Accounts accounts = new Accounts(description.accounts(), InstantSource.system());
    Sessions sessions = new Sessions(SESSION_TIMEOUT, InstantSource.system());
    EventLog log = new EventLog(platform.latestEvents());
    EventService events = EventService.start(platform, state, description.listeners());
    Optional<SerialConsoles> consoles = Optional.empty();
    if (description.consoles().isPresent()) {
      consoles =
          Optional.of(
              SerialConsoles.start(
                  description.consoles().get(), context, platform, accounts, sessions));
    }
    Tasks tasks = new Tasks();
    CareActions actions = new CareActions(care, tasks, description.provisions());
    SystemSettings settings = new SystemSettings(state, new BootOverride(state, protection.boot()));
    Tree tree =
        new Tree(
            new Systems(platform, settings, log, protection, consoles.map(SerialConsoles::address)),
            new Machine(platform),
            new Lvmm(platform, log, actions),
            new Services(accounts, sessions),
            tasks,
            events,
            log,
            new Software(platform, protection.boot()));
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("redfish ", 0).factory(),
            new AbortPolicy());
    try {
      HttpsServer server = HttpsServer.create(description.listen(), BACKLOG);
      server.setHttpsConfigurator(new Tls(context));
      server.setExecutor(threads);
      server.createContext(
          "/",
          new Wire(new Requests(platform, accounts, sessions, tree, protection, care.recovery())));
      server.start();
      return new RedfishService(server, threads, accounts, consoles, events);
    } catch (IOException e) {
      consoles.ifPresent(SerialConsoles::close);
      events.close();
      threads.shutdownNow();
      throw new AccountException(
          "redfish: cannot listen at %s: %s".formatted(description.listen(), e.getMessage()), e);
    }
  }

  /// Nothing older than TLS 1.2.
  private static final class Tls extends HttpsConfigurator {
    private Tls(SSLContext context) {
      super(context);
    }

    @Override
    public void configure(HttpsParameters parameters) {
      SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
      wanted.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
      parameters.setSSLParameters(wanted);
    }
  }

  /// Where it answers.
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /// Who may log in.
  public Accounts accounts() {
    return accounts;
  }

  @Override
  public void close() {
    consoles.ifPresent(SerialConsoles::close);
    events.close();
    server.stop(0);
    threads.shutdownNow();
  }
}
