using System.Collections.Concurrent;
using System.Text.Json;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Native.Images;
using Clouds.Tests.Native.Generation.Language;
using Clouds.Tests.Training.Contrastive;

namespace Clouds.Tests.Cli.Commands;

/// <summary>Trainings of foundation models in a moment: a folder of captioned pictures, a vocabulary, frozen networks as they are drawn, settings.</summary>
internal sealed class TinyTrainings
{
    private const string Streets = "streets:source?count=3&width=64&height=64";

    private static readonly AutoencoderConfig Autoencoder = new() { Widths = [4, 8], Blocks = 1, Groups = 2 };

    private static readonly ConcurrentDictionary<string, Lazy<string>> Runs = new();

    private readonly string _folder;
    private readonly TextEncoderConfig _text;

    /// <param name="folder">A folder, to be filled.</param>
    public TinyTrainings(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _text = new() { Width = 8, Heads = 2, Layers = 1, Context = 9, Vocabulary = ColouredPictures.WriteVocabulary(In("words.txt")), QuickGelu = false };
        WritePictures(Directory.CreateDirectory(In("pictures")).FullName, new ColouredPictures(count: 6, width: 32, height: 32));
        Draw(In("vae.safetensors"), g =>
        {
            Autoencoder network = new(Autoencoder);
            network.Decode(g, network.Encode(g, g.Input("image", ElementType.Float, [1, 3, 8, 8])).Mean);
        });
        Draw(In("text.safetensors"), g => new TextEncoder(_text).Build(g, g.Input("tokens", ElementType.Int64, [1, 9])));
        Write("clip", new
        {
            image = new { depths = new[] { 1, 1, 1, 1 }, widths = new[] { 4, 4, 4, 8 }, embedding = 8 },
            text = new { width = 8, heads = 2, layers = 1, context = 9, vocabulary = _text.Vocabulary },
            vocabulary = In("words.txt"), width = 32, height = 32, steps = 2, batch = 3,
        });
        Write("vae", new { network = new { widths = Autoencoder.Widths, blocks = 1, groups = 2 }, width = 16, height = 8, steps = 2, batch = 2 });
        Write("diffusion", new
        {
            network = new { widths = new[] { 8, 16 }, heads = new[] { 2, 2 }, textFrom = 1, textResolutions = 2, blocks = 1, textWidth = 8, groups = 4 },
            autoencoder = new { widths = Autoencoder.Widths, blocks = 1, groups = 2 }, autoencoderWeights = In("vae.safetensors"),
            text = new { width = 8, heads = 2, layers = 1, context = 9, vocabulary = _text.Vocabulary, quickGelu = false },
            textWeights = In("text.safetensors"), vocabulary = In("words.txt"), width = 16, height = 16, steps = 2, batch = 2, prediction = "v",
        });
        Directory.CreateDirectory(In("llama"));
        File.Copy(Path.Combine(TinyLlama.Write(In("drawn")), "tokenizer.json"), In("llama/tokenizer.json"));
        File.WriteAllLines(In("texts.txt"), ["A-BUS-IN-FOG", "", "A-TRAM-AT-NIGHT"]);
        Write("llm", new
        {
            network = new { width = 16, layers = 1, heads = 2, keyValueHeads = 1, feedForward = 16, vocabulary = TinyLlama.Config.Vocabulary, context = 32 },
            tokenizer = In("llama"), length = 8, steps = 2, batch = 2,
        });
        Write("sam", new
        {
            network = new
            {
                encoder = new
                {
                    kind = "sam_vit", imageSize = 48, patch = 8, width = 16, depth = 1, heads = 2, window = 4, globalBlocks = new[] { 0 }, feedForward = 2,
                    channels = 16,
                },
                maskChannels = 8, decoder = new { heads = 2, feedForward = 24, scoreWidth = 12 },
            },
            steps = 2, batch = 2, prompts = 2, points = 2,
        });
    }

    /// <summary>A command line without the verb.</summary>
    public string[] Line(string verb, string run) =>
        [$"{In(verb["train ".Length..])}.json", "--data", Data(verb), "--out", run, "--device", "cpu"];

    /// <summary>Trains, in this process.</summary>
    /// <param name="verb">The training.</param>
    /// <param name="inputs">A folder, to be filled.</param>
    /// <param name="run">The run's folder.</param>
    /// <returns>The run's folder.</returns>
    public static string Trained(string verb, string inputs, string run)
    {
        CommandLineRun training = CommandLineRun.Clouds([.. verb.Split(' '), .. new TinyTrainings(inputs).Line(verb, run)]);
        Assert.True(training.ExitCode == 0, training.Error);
        return run;
    }

    /// <summary>The folder "run" of a training that all tests share, and only read; its inputs are in the folder beside it.</summary>
    /// <param name="verb">The training.</param>
    public static string Run(string verb) => Runs.GetOrAdd(verb, key => new Lazy<string>(() =>
    {
        string folder = Directory.CreateTempSubdirectory("clouds-tiny-training-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return Trained(key, Path.Combine(folder, "inputs"), Path.Combine(folder, "run"));
    })).Value;

    private string Data(string verb) => verb switch
    {
        "train vae" or "train sam" => Streets,
        "train llm" => In("texts.txt"),
        _ => In("pictures"),
    };

    private string In(string name) => Path.Combine(_folder, name);

    private void Write(string name, object settings) => File.WriteAllText(In($"{name}.json"), JsonSerializer.Serialize(settings));

    private static void WritePictures(string folder, ColouredPictures pictures)
    {
        for (int i = 0; i < pictures.Count; i++)
        {
            ImageFile.WritePng(Path.Combine(folder, $"{i}.png"), pictures.LoadImage(i));
        }

        File.WriteAllLines(Path.Combine(folder, "captions.jsonl"),
            Enumerable.Range(0, pictures.Count).Select(i => JsonSerializer.Serialize(new { file = $"{i}.png", caption = pictures.Caption(i) })));
    }

    private static void Draw(string path, Action<GraphBuilder> build)
    {
        GraphBuilder g = new("drawn");
        build(g);
        using SafetensorsWriter writer = new(path, [.. g.Parameters.Select(p => new TensorDeclaration(p.Name, WeightType.F32, p.Shape.Sizes))]);
        g.Parameters.ToList().ForEach(parameter => writer.Write(parameter.Name, parameter.Initialize(5)));
        writer.Commit();
    }
}
