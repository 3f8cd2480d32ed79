using System.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Llama;
using Clouds.Native.Generation.Language;

namespace Clouds.Verification.Benchmarks;

/// <summary>What a language model took.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Precision">In what its matrices lie.</param>
/// <param name="Threads">Threads.</param>
/// <param name="LoadSeconds">Until it can be asked, its content checked.</param>
/// <param name="LoadedBytes">Resident memory of the process then.</param>
/// <param name="PeakBytes">The most there was, until the end.</param>
/// <param name="Prompt">Tokens of the question.</param>
/// <param name="PromptTokensPerSecond">How fast it was read.</param>
/// <param name="Answer">Tokens of the answer.</param>
/// <param name="TokensPerSecond">How fast it was written.</param>
/// <param name="BytesPerToken">Weights that every token reads.</param>
/// <param name="ReadGigabytes">What this machine's memory gives, 10^9 bytes a second.</param>
public sealed record LanguageRow(
    string Model, string Precision, int Threads, double LoadSeconds, long LoadedBytes, long PeakBytes, int Prompt, double PromptTokensPerSecond,
    int Answer, double TokensPerSecond, long BytesPerToken, double ReadGigabytes)
{
    /// <summary>Tokens a second where nothing but reading the weights took time.</summary>
    public double Limit => ReadGigabytes * 1e9 / BytesPerToken;

    /// <summary>How near that it came.</summary>
    public double ShareOfLimit => TokensPerSecond / Limit;
}

/// <summary>Times language models; nothing else should run meanwhile.</summary>
public static class LanguageBench
{
    private const int Runs = 5;

    /// <summary>Times a drawn model of Llama 2's size; its file, of 4 GB, lies in the folder meanwhile.</summary>
    /// <param name="folder">A folder with room for it.</param>
    /// <param name="bits">Bits of a weight, 4 or 8.</param>
    /// <param name="layers">Blocks; 32 make it the model of seven thousand million parameters.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="prompt">Tokens of the question.</param>
    /// <param name="answer">Tokens of the answer.</param>
    /// <param name="cancellation">Ends it; the file is deleted.</param>
    public static LanguageRow RunDrawn(string folder, int bits, int layers, int threads, int prompt, int answer, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, $"llama2-7b-drawn-{Environment.ProcessId}.safetensors");
        try
        {
            SyntheticLlama.Write(path, LlamaConfig.Llama2With7B with { Layers = layers }, new BlockForm(bits), cancellation);
            return Run(path, threads, prompt, answer, cancellation);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Times a model.</summary>
    /// <param name="path">As for <see cref="LanguageModel.Load"/>.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="prompt">Letters "a" of the question; how many tokens these are is the tokenizer's matter.</param>
    /// <param name="answer">Tokens of the answer, if it does not end before.</param>
    /// <param name="cancellation">Ends it.</param>
    public static LanguageRow Run(string path, int threads, int prompt, int answer, CancellationToken cancellation)
    {
        long bytes = BytesPerToken(path);
        long start = Stopwatch.GetTimestamp();
        using LanguageModel model = LanguageModel.Load(path, new LanguageModelOptions { Threads = threads, Format = ChatFormat.Plain });
        double load = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long loaded = Environment.WorkingSet;
        ChatTurn[] talk = [new(ChatRole.User, new string('a', prompt))];
        double Seconds(int tokens)
        {
            long from = Stopwatch.GetTimestamp();
            model.Answer(talk, new AnswerOptions { Temperature = 0, MaximumTokens = tokens }, seed: 1, stop: cancellation);
            return Stopwatch.GetElapsedTime(from).TotalSeconds;
        }

        Seconds(1);
        double question = Seconds(1), whole = Seconds(answer + 1);
        using Process process = Process.GetCurrentProcess();
        return new LanguageRow(model.Facts.Name, model.Facts.Precision, threads, load, loaded, process.PeakWorkingSet64, prompt, prompt / question,
            answer, answer / (whole - question), bytes, MachineRoof.Measure(threads, Runs, cancellation).ReadGigabytes);
    }

    // Everything but the table, of which a token reads a row.
    private static long BytesPerToken(string path)
    {
        using WeightSource source = WeightSource.Open(path);
        return source.Tensors.Values.Where(tensor => tensor.Name.StartsWith("model.layers", StringComparison.Ordinal)
            || tensor.Name.StartsWith("lm_head", StringComparison.Ordinal)).Sum(tensor => tensor.Bytes);
    }
}
