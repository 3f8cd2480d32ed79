using Clouds.Diagnostics;
using Clouds.Native.Catalogue;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Generation.Store;

namespace Clouds.Tests.Native.Generation.Store;

/// <summary>Stores of small patterns.</summary>
internal static class TinyStore
{
    public static readonly string[] Prompts = ["a photo of a car in the rain", "a photo of a bus at night", "a photo of a \"tram\" in Zürich, 雪 ☃"];

    public static StorePlan Plan(long seed = 7, string negative = "", int width = 32, int steps = 4, double guidance = 7.5,
        PaintSampler sampler = PaintSampler.Euler, string file = "a", StartImage? start = null, string precision = "fp32", int prompts = 3) => new()
    {
        Prompts = [.. Prompts.Take(prompts).Select((text, i) => new Prompt
        {
            Text = text, Classes = i < 2 ? [text.Split(' ')[4]] : [], Origin = new PromptOrigin(PromptSource.Text) { Name = "p.txt", Index = i },
        })],
        NegativePrompt = negative,
        Seed = seed,
        Width = width,
        Height = 32,
        Steps = steps,
        Guidance = guidance,
        Sampler = sampler,
        Start = start,
        Strength = start is null ? null : 0.5,
        Model = "pattern",
        Files = [new ImportedFile("unet.safetensors", 3, new string(file[0], 64))],
        Prediction = "epsilon",
        Precision = precision,
    };

    /// <summary>Fills a store, or a part of it.</summary>
    /// <returns>What came of it, and who painted.</returns>
    public static (StoreOutcome Outcome, PatternPainter Painter) Fill(
        string folder, int count, StoreShare? share = null, int batch = 1, int diesAt = -1, StorePlan? plan = null)
    {
        PatternPainter painter = new() { DiesAt = diesAt };
        StorePainting painting = new(ImageStore.Open(folder, plan ?? Plan()), painter, share ?? StoreShare.Whole) { Batch = batch };
        return (painting.Run(count, new Silence(), CancellationToken.None), painter);
    }

    /// <summary>Every file of a store with its bytes, the lists' lines as those of one list; guards that a killed process leaves hold nothing.</summary>
    public static SortedDictionary<string, string> Content(string folder)
    {
        SortedDictionary<string, string> content = [];
        foreach (string path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(".lock", StringComparison.Ordinal)))
        {
            string name = Path.GetRelativePath(folder, path);
            content[name.StartsWith("manifest", StringComparison.Ordinal) ? "lists" : name] = Convert.ToBase64String(File.ReadAllBytes(path));
        }

        content["lists"] = string.Join('\n', StoreFiles.Manifests(folder).SelectMany(File.ReadAllLines).Order(StringComparer.Ordinal));
        return content;
    }

    private sealed class Silence : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value)
        {
        }
    }
}
