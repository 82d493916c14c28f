/// The machine's end of a connection: carries out each line on a [QtestMachine] and answers it.
/// Start with [QtestServer].
package dev.portcullis.qtest.server;
