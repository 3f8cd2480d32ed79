using Clouds.Cli.BuiltIn;
using Clouds.Cli.Experiments;
using Clouds.Diagnostics;
using Clouds.Graph.Settings;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Distributed;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Settings;

/// <summary>The whole configuration of `clouds`: one section for each part of the work.</summary>
internal sealed record CloudsSettings
{
    /// <summary>How the machine is used.</summary>
    public ExecutionSettings Execution { get; init; } = new();

    /// <summary>How data sets are read.</summary>
    public DataConfig Data { get; init; } = new();

    /// <summary>
    /// Stages that are trained, one after the other: [1], [2], [1, 2]; empty: both where selfTraining.generated.data names images, otherwise the first.
    /// </summary>
    [Setting(Min = 1, Max = 2, Source = "paper section 4.1: both; table 4 has a row of the first alone")]
    public IReadOnlyList<int> Stages { get; init; } = [];

    /// <summary>Training on the labelled source domain.</summary>
    public SourceTrainingConfig Training { get; init; } = new();

    /// <summary>Self-training on source and generated images.</summary>
    public SelfTrainingConfig SelfTraining { get; init; } = new();

    /// <summary>Segment Anything.</summary>
    public SamSettings Sam { get; init; } = new();

    /// <summary>How label maps are refined.</summary>
    public RefinementOptions Refinement { get; init; } = new();

    /// <summary>How answers are scored.</summary>
    public EvaluationConfig Evaluation { get; init; } = new();

    /// <summary>The row of the paper that this configuration is, for `clouds reproduce`.</summary>
    public ExperimentConfig Experiment { get; init; } = new();

    private static CloudsSettings Small => new()
    {
        Training = SourceTrainingConfig.Small,
        SelfTraining = SelfTrainingConfig.Small,
        Refinement = new() { SizeThreshold = SelfTrainingConfig.SmallSizeThreshold },
    };

    /// <summary>The settings that a preset stands for.</summary>
    /// <exception cref="CloudsException">Usage: it stands on a miniature that this program does not carry; Output: that cannot be unpacked.</exception>
    public static CloudsSettings Of(Preset preset) => preset switch
    {
        Preset.Mini => Small with { Training = SourceTrainingConfig.Frozen(Miniatures.NameOf(Miniatures.ClipKey)) },
        Preset.Small => Small,
        Preset.Paper or Preset.Gta => new(),
        Preset.Synthia => new() { Training = SourceTrainingConfig.Synthia, SelfTraining = SelfTrainingConfig.Synthia },
        Preset.Cityscapes => new() { Training = SourceTrainingConfig.Cityscapes, SelfTraining = SelfTrainingConfig.Cityscapes },
        _ => throw new CloudsException(Failure.Usage, "the preset is unknown", "--preset", preset.ToString(), "mini, small, paper, gta, synthia, cityscapes"),
    };

    /// <summary>The preset that a configuration file names.</summary>
    /// <exception cref="CloudsException">Usage: there is none of this name; names the nearest.</exception>
    public static Preset PresetOf(NamedPreset named)
    {
        Dictionary<string, Preset> presets = Enum.GetValues<Preset>().ToDictionary(preset => SettingShape.CamelCase(preset.ToString()));
        return presets.TryGetValue(named.Name, out Preset preset) ? preset : throw new CloudsException(
            Failure.Usage, "the base of a configuration file is unknown", $"{named.Origin}, key '{ConfigurationChain.Key}'", $"'{named.Name}'",
            $"a preset ({string.Join(", ", presets.Keys)}), or a file beside it, which has an ending",
            NearestName.Find(named.Name, presets.Keys) is string near ? $"did you mean '{near}'?" : "choose a preset, or name a file");
    }
}

/// <summary>Which Segment Anything is taken where there are several, and where its embeddings of images are kept.</summary>
internal sealed record SamSettings
{
    /// <summary>The published weights.</summary>
    [Setting(Source = "the released code: MobileSAM; the paper names no size (method.md section 4.1)")]
    public SamVariant Variant { get; init; } = SamVariant.VitT;

    /// <summary>File of the weights with which training refines labels, or a folder with the published files.</summary>
    [Setting(Source = "ours")]
    public string Weights { get; init; } = "";

    /// <summary>Folder of embeddings, so that an image is looked at once; empty: clouds/embeddings in the user's folder for caches.</summary>
    [Setting(Source = "ours")]
    public string Cache { get; init; } = "";

    /// <summary>What that folder may take, the least recently used embeddings go first; 0: none are kept.</summary>
    [Setting(Unit = "GiB", Min = 0, Max = 1 << 20, Source = "ours; 2,500 images with the published sizes")]
    public double CacheSize { get; init; } = 10;
}

/// <summary>The published weights of Segment Anything.</summary>
internal enum SamVariant
{
    /// <summary>MobileSAM.</summary>
    VitT,

    /// <summary>Base.</summary>
    VitB,

    /// <summary>Large.</summary>
    VitL,

    /// <summary>Huge.</summary>
    VitH,
}

/// <summary>Settings to start from.</summary>
internal enum Preset
{
    /// <summary>The miniature CLIP of the executable as frozen encoder, and decoders that learn on a processor in minutes.</summary>
    Mini,

    /// <summary>A network that learns from scratch on a processor in minutes.</summary>
    Small,

    /// <summary>The paper's settings with GTA as source domain; they want a GPU.</summary>
    Paper,

    /// <summary>The same.</summary>
    Gta,

    /// <summary>The paper's settings with SYNTHIA as source domain.</summary>
    Synthia,

    /// <summary>The paper's settings with Cityscapes as source domain.</summary>
    Cityscapes,
}

/// <summary>How the machine is used.</summary>
internal sealed record ExecutionSettings
{
    /// <summary>Where to compute; auto takes the first GPU where it works and the processor otherwise.</summary>
    [Setting(Source = "ours")]
    public DeviceName Device { get; init; } = DeviceName.Auto;

    /// <summary>Processor threads of every verb; 0: one a processor. Verbs that compare or time numbers of threads take this one.</summary>
    [Setting(Unit = "threads", Min = 0, Max = 1024, Source = "ours")]
    public int Threads { get; init; }

    /// <summary>Training samples that are read and augmented at once, beside the step; 0: one a processor, at most 4. Results do not depend on it.</summary>
    [Setting(Unit = "workers", Min = 0, Max = 1024, Source = "reference code: 4")]
    public int Workers { get; init; }

    /// <summary>When one of several processes is given up by the others.</summary>
    public RankSettings Ranks { get; init; } = new();

    /// <summary>How ONNX Runtime's CUDA provider works.</summary>
    public CudaSettings Cuda { get; init; } = new();
}
