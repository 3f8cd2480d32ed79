using Clouds.Cli.Commands;
using Clouds.Cli.Method;
using Clouds.Cli.Settings;
using Clouds.Tests.Native.Generation.Prompts;
using Clouds.Tests.Native.Generation.Store;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Cli.Method;

/// <summary>The whole method in seconds: a CLIP and a Segment Anything of some thousand weights, prompts that stand here, images that are blocks.</summary>
internal static class TinyMethod
{
    private const string Prompts = "1. a photo of a car in fog at night\n2. a photo of a person and a building in heavy snow";

    public static MethodPlan Plan { get; } = MethodPlan.Demo with
    {
        Name = "tiny", Width = 64, Height = 64, SourceScenes = 3, TestScenes = 1, Prompts = 2, Images = 2, PaintSteps = 2, Batch = 2, SourceSteps = 2,
        SelfSteps = 2, XrayImages = 1, Pictures = 1,
    };

    /// <summary>The same without all that can be left out.</summary>
    public static MethodPlan Quick { get; } = Plan with { Name = "tinier", Arms = [MethodArm.Source, MethodArm.Refined], LeavesOut = ["the rest"] };

    /// <summary>Writes the models below a folder, as --models wants them.</summary>
    public static string WriteModels(string folder)
    {
        TinyClip.Write(Path.Combine(folder, "clip"));
        Directory.CreateDirectory(Path.Combine(folder, "sam"));
        TinySam.Write(Path.Combine(folder, "sam", "model.safetensors"));
        foreach (string key in (string[])["diffusion", "llm"])
        {
            Directory.CreateDirectory(Path.Combine(folder, key));
            File.WriteAllText(Path.Combine(folder, key, "config.json"), key);
        }

        return folder;
    }

    /// <summary>The verb with these numbers.</summary>
    public static DemoVerb Verb() => new(Plan, Quick, Tools);

    /// <summary>Networks that are opened as always, but for two that are none.</summary>
    public static MethodTools Tools(CloudsSettings settings, VerbContext context) =>
        MethodJob.Tools(settings, context) with { Language = _ => new ScriptedModel(Prompts), Painter = _ => new PatternPainter() };
}
