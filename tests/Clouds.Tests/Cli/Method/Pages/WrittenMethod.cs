using Clouds.Cli.Commands;
using Clouds.Cli.Method;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Runs;
using Clouds.Tests.Native.Generation.Store;
using Clouds.Tests.Native.Refinement;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Cli.Method.Pages;

/// <summary>Folders of runs of the whole method that nobody made. Scores are round numbers whose means are known.</summary>
internal static class WrittenMethod
{
    public const int Width = 60;
    public const int Height = 40;

    /// <summary>mIoU of the source, of group A's five styles and of group B's three: means 40, 14, 22, and 17 of all eight.</summary>
    public static readonly double[] SourceOnly = [40, 10, 12, 14, 16, 18, 20, 22, 24];

    private static readonly Dictionary<string, double> Classes = new() { ["road"] = 60, ["pole"] = 12, ["rider"] = 5, ["car"] = 25 };

    /// <summary>A result: group A and B gain so many points with every step of Table 4, and lose some where the encoder is trained.</summary>
    public static MethodResult Result(long seed = 1, double gain = 2, double trained = -3, IReadOnlyList<MethodArm>? arms = null)
    {
        arms ??= Enum.GetValues<MethodArm>();
        MethodPlan plan = MethodPlan.Demo with { Width = Width, Height = Height, Seed = seed, Arms = arms, Pictures = 1, XrayImages = 1 };
        return new MethodResult
        {
            Plan = plan,
            Models = new Dictionary<string, string> { ["clip"] = new('a', 64), ["sam"] = new('b', 64) },
            Bytes = new Dictionary<string, long> { ["clip"] = 7 << 19 },
            Tests = [.. plan.Tests().Select(style => new MethodTest(
                style.Name, style.Group, 20, new Dictionary<string, double> { ["road"] = 80, ["car"] = 19.5, ["pole"] = 0.4, ["rider"] = 0.1 }))],
            Arms = [.. arms.Select(arm => Scores(arm, arm == MethodArm.Scratch ? trained : gain * (int)arm))],
        };
    }

    /// <summary>Writes all that a run leaves: result, times, prompts with images, an x-ray, pictures of every style, histories.</summary>
    public static MethodFolder Write(string path, MethodResult result, string prompt = "a photo of a bus in fog", string command = "clouds demo")
    {
        MethodFolder folder = new(path);
        WriteFacts(folder, result, command);
        Prompt[] prompts = [.. ((string[])[prompt, "a photo of a car at night"]).Select((text, i) => new Prompt
        {
            Text = text, Classes = ["bus"], Context = "fog", Origin = new PromptOrigin(PromptSource.Model) { Name = "llm", Seed = 1, Attempt = 1, Index = i },
        })];
        PromptFile.Write(folder.Prompts, prompts);
        StorePlan plan = TinyStore.Plan();
        Paint(folder, new StorePlan
        {
            Prompts = prompts, NegativePrompt = "", Seed = 1, Width = 32, Height = 32, Steps = 4, Guidance = 4, Sampler = plan.Sampler, Model = plan.Model,
            Files = plan.Files, Prediction = plan.Prediction, Precision = plan.Precision,
        });
        Refine(folder);
        Draw(folder, result);
        result.Arms.ToList().ForEach(arm => WrittenRun.History(folder.Run(arm.Arm).Path, 30, loss: 8 - (int)arm.Arm));
        return folder;
    }

    /// <summary>Writes result and times alone.</summary>
    public static MethodFolder WriteFacts(MethodFolder folder, MethodResult result, string command = "clouds demo")
    {
        Directory.CreateDirectory(folder.Path);
        result.Write(folder.Result);
        new MethodTimes
        {
            Date = new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero), Machine = new Dictionary<string, string> { ["cores"] = "2" },
            Versions = new Dictionary<string, string> { ["clouds"] = "0.1" }, Seconds = new Dictionary<string, double> { ["prompts"] = 30, ["stage 1"] = 270 },
            Command = command,
        }.Write(folder.Times);
        return folder;
    }

    /// <summary>Labels in three columns.</summary>
    public static LabelMap Truth { get; } = new(Width, Height, [.. Enumerable.Range(0, Width * Height).Select(i => (ushort)(i % Width / 20))]);

    private static MethodScores Scores(MethodArm arm, double more)
    {
        Dictionary<string, double> classes = Classes.ToDictionary(pair => pair.Key, pair => pair.Value + more);
        return new MethodScores(arm, 100, 1.5, [.. SourceOnly.Select((score, test) => new MethodScore(test == 0 ? score : score + more, 50, classes))]);
    }

    private static void Paint(MethodFolder folder, StorePlan plan) => TinyStore.Fill(folder.Images, 4, plan: plan);

    // The truth, of which source-only has the first column, and others two.
    private static void Draw(MethodFolder folder, MethodResult result)
    {
        Directory.CreateDirectory(folder.Pictures);
        foreach (MethodTest test in result.Tests)
        {
            string name = Path.Combine(folder.Pictures, $"{test.Name}-0");
            ImageFile.WritePng($"{name}.png", Tests.Pictures.Gradient(Width, Height));
            LabelPng.WritePalette($"{name}.truth.png", Truth, ClassSet.Cityscapes.Colours);
            foreach (MethodScores arm in result.Arms)
            {
                int right = arm.Arm == MethodArm.Source ? 20 : 40;
                LabelMap answer = new(Width, Height, [.. Truth.Ids.Select((id, i) => i % Width < right ? id : (ushort)8)]);
                LabelPng.WritePalette($"{name}.{MethodFolder.Name(arm.Arm)}.png", answer, ClassSet.Cityscapes.Colours);
            }
        }
    }

    private static void Refine(MethodFolder folder)
    {
        Directory.CreateDirectory(folder.Xray);
        (string image, string labels) = (Path.Combine(folder.Xray, "000000.png"), Path.Combine(folder.Xray, "000000.labels.png"));
        ImageFile.WritePng(image, Tests.Pictures.Gradient(Width, Height));
        LabelPng.WritePalette(labels, Truth, ClassSet.Cityscapes.Colours);
        using PseudoLabelRefiner refiner = new(new StandInMasks(new MaskFrame(16, 16, 64, 64, 64, 64)), new RefinementOptions { SizeThreshold = 30 });
        RefineOutput output = new(folder.Xray, 1, new RefinementOptions { SizeThreshold = 30 }, ids: null, labels, xray: true, ClassSet.Cityscapes);
        output.Refine(output.Read(new RefineJob(image, labels, "000000"), _ => { }), refiner, CancellationToken.None);
    }
}
