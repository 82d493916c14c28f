/// How fast it is: JMH benchmarks, run by hand and quoted as ratios of one run.
package dev.portcullis.benchmarks;
