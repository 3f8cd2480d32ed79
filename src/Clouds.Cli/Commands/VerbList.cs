using Clouds.Cli.BuiltIn;
using Clouds.Cli.Devices;
using Clouds.Cli.Diagnosis;
using Clouds.Cli.Method;
using Clouds.Cli.Settings;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;
using Clouds.Verification.Golden;
using Clouds.Verification.Kernels;

namespace Clouds.Cli.Commands;

/// <summary>Every verb, in the order of the overview.</summary>
internal static class VerbList
{
    public static IReadOnlyList<Verb> All { get; } =
    [
        new DemoVerb(MethodPlan.Demo, MethodPlan.Quick, MethodJob.Tools),
        new TrainVerb(OpenMasks),
        new TrainClipVerb(),
        new TrainSamVerb(),
        new TrainVaeVerb(),
        new TrainDiffusionVerb(),
        new TrainLlmVerb(),
        new TrainTokenizerVerb(),
        new ReportVerb(),
        new EvaluateVerb(),
        new EvaluateCompareVerb(),
        new EvaluateClipVerb(),
        new EvaluateSamVerb(),
        new EvaluateVaeVerb(),
        new EvaluateDiffusionVerb(StableDiffusion.Load),
        new EvaluateLlmVerb(OpenLanguage),
        new SegmentVerb(),
        new SamVerb(),
        new RefineVerb(OpenMasks),
        new ServeVerb(),
        new PromptsVerb(OpenLanguage),
        new PromptsCheckVerb(),
        new GenerateVerb(StableDiffusion.Load),
        new DataInitVerb(),
        new DataCheckVerb(),
        new DataShowVerb(),
        new ReproduceListVerb(),
        new ReproduceShowVerb(),
        new ReproduceRunVerb(OpenMasks),
        new ReproduceSummaryVerb(),
        new ReproduceMiniVerb(MethodPlan.Reproduction, MethodJob.Tools),
        new VerifyVerb(GoldenModules.All, Emulate),
        new DoctorVerb(MachineChecks.All, () => All!),
        new ConfigShowVerb(),
        new GraphShowVerb(),
        new KernelsVerifyVerb(KernelToolchain.Default, Emulate),
        new BenchKernelsVerb(KernelToolchain.Default, Emulate),
        new BenchNetworksVerb(),
        new BenchLanguageVerb(),
        new BenchRefineVerb(),
        new BenchDataVerb(),
        new BenchCompareVerb(),
        new ModelListVerb(new MiniatureList(MiniatureFiles.OfProgram)),
        new ModelGetVerb(),
        new ModelImportVerb(),
        new ModelVerifyVerb(),
        new ModelCardVerb(),
        new ModelExportVerb(),
        new ModelAverageVerb(),
        new ModelPackVerb(),
        new VersionVerb(),
    ];

    private static (IMaskPredictor Masks, IDisposable Owner) OpenMasks(string file, CloudsSettings settings, VerbContext context)
    {
        SegmentAnything sam = ModelOptions.LoadSam(file, settings, context);
        return (ModelOptions.Embeddings(sam, settings, context).Predictor, sam);
    }

    private static ILanguageModel OpenLanguage(string model, CloudsSettings settings) =>
        LanguageModel.Load(model, new LanguageModelOptions { Threads = settings.Execution.Threads });

    private static IEmulatedDriver Emulate(EmulationSettings settings) => new EmulatedKernelDriver(settings);
}
