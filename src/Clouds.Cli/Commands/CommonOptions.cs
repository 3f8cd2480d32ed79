using Clouds.Cli.Settings;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Values of --device.</summary>
internal enum DeviceOption
{
    /// <summary>As <see cref="DeviceChoice.Auto"/>.</summary>
    Auto,

    /// <summary>As <see cref="DeviceChoice.Cpu"/>.</summary>
    Cpu,

    /// <summary>As <see cref="DeviceChoice.Cuda"/>.</summary>
    Cuda,

    /// <summary>Our CUDA kernels in the emulator; only for verbs whose options are <see cref="EmulatedDeviceOptions"/>.</summary>
    Emulated,
}

/// <summary>Options that every verb has.</summary>
internal class CommonOptions
{
    [Option("json", HelpText = "Write results as JSON on standard output, progress and errors as JSON lines on standard error.")]
    public bool Json { get; set; }

    [Option("verbose", HelpText = "Say more; show stack traces of failures.")]
    public bool Verbose { get; set; }

    [Option("device", MetaValue = "auto|cpu|cuda", HelpText = "Where networks run. Default: execution.device of the configuration.")]
    public virtual DeviceOption? Device { get; set; }

    [Option("config", MetaValue = "FILE", HelpText = "Configuration: one JSON file; settings that it leaves out keep their defaults.")]
    public string? Config { get; set; }

    [Option("set", MetaValue = "KEY=VALUE", HelpText = "Override one setting, for instance execution.device=cpu; may be given several times.")]
    public IEnumerable<string> Set { get; set; } = [];

    /// <summary>Reads the configuration that these options name.</summary>
    public LoadedSettings<CloudsSettings> LoadSettings(Preset? preset = null) =>
        LoadSettings(preset is Preset chosen ? CloudsSettings.Of(chosen) : null, preset is null ? null : SettingShape.CamelCase(preset.Value.ToString()));

    /// <summary>Reads the configuration that these options name, on top of other start values than the defaults.</summary>
    /// <param name="start">Start values; null: the defaults.</param>
    /// <param name="startName">What `config show` calls them.</param>
    public LoadedSettings<CloudsSettings> LoadSettings(CloudsSettings? start, string? startName) =>
        SettingsReader.Load(
            Config,
            Device is DeviceOption device and not DeviceOption.Emulated ? [.. Set, $"execution.device={SettingShape.CamelCase(device.ToString())}"] : Set,
            start,
            startName);
}

/// <summary>Common options of a verb that can also run the CUDA kernels in the emulator.</summary>
internal class EmulatedDeviceOptions : CommonOptions
{
    [Option("device", MetaValue = "auto|cpu|cuda|emulated",
        HelpText = "Where to compute; emulated: the processor, but our CUDA kernels in the emulator. Default: execution.device of the configuration.")]
    public override DeviceOption? Device { get; set; }
}
