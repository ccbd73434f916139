// Lucene with its documents in the order of recursive graph bisection, with the arguments and lines of JSON of
// LuceneBench, the driver that builds the plain index and searches both:
//   java -cp 'jars/*:classes' LuceneReordered index CORPUS.tsv DIR [MIN_DOCUMENTS]
//   java -cp 'jars/*:classes' LuceneReordered search DIR QUERIES.tsv ROUNDS RUN|-
// MIN_DOCUMENTS (128) is how many documents a word must be in to have a say in the order; Lucene's own default, 4096, is
// for bigger collections. Needs lucene-core, lucene-analysis-common and lucene-misc; compiled beside LuceneBench.
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.misc.index.BPIndexReorderer;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Version;

public class LuceneReordered {
  static void clear(Path folder) throws Exception {
    if (!Files.exists(folder)) return;
    try (var files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) Files.delete(file);
    }
  }

  static void reorder(Path from, Path to, int minDocuments) throws Exception {
    clear(to);
    BPIndexReorderer order = new BPIndexReorderer();
    order.setMinDocFreq(minDocuments);
    order.setRAMBudgetMB(2048); // The forward index of half a million passages takes a few dozen.
    IndexWriterConfig config = new IndexWriterConfig(new WhitespaceAnalyzer())
        .setOpenMode(IndexWriterConfig.OpenMode.CREATE)
        .setMergeScheduler(new SerialMergeScheduler());
    try (Directory source = new MMapDirectory(from); Directory target = new MMapDirectory(to);
         DirectoryReader reader = DirectoryReader.open(source);
         IndexWriter writer = new IndexWriter(target, config)) {
      if (reader.leaves().size() != 1)
        throw new IllegalStateException(from + ": has " + reader.leaves().size() + " segments; merge it to one");
      CodecReader plain = (CodecReader) reader.leaves().get(0).reader();
      writer.addIndexes(order.reorder(plain, target, null)); // No executor: one thread, as the others.
      writer.commit();
    }
  }

  public static void main(String[] arguments) throws Exception {
    if (!arguments[0].equals("index")) {
      LuceneBench.main(arguments);
      return;
    }
    Path target = Path.of(arguments[2]);
    Path plain = Path.of(arguments[2] + "-plain");
    int minDocuments = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 128;
    long wall = System.nanoTime(), cpu = LuceneBench.OS.getProcessCpuTime();
    LuceneBench.main(new String[] {"index", arguments[1], plain.toString()});
    reorder(plain, target, minDocuments);
    clear(plain);
    Files.delete(plain);
    System.out.printf(Locale.ROOT,
        "{\"engine\":\"lucene %s jdk%s reordered\",\"op\":\"index\",\"wall_s\":%.2f,\"cpu_s\":%.2f,\"bytes\":%d,"
            + "\"rss_kb\":%s}%n",
        Version.LATEST, Runtime.version().feature(), (System.nanoTime() - wall) / 1e9,
        (LuceneBench.OS.getProcessCpuTime() - cpu) / 1e9, LuceneBench.size(target), LuceneBench.rss());
  }
}
