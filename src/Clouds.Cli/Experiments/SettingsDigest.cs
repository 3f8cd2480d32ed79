using System.Security.Cryptography;
using System.Text;
using Clouds.Cli.Settings;

namespace Clouds.Cli.Experiments;

/// <summary>Digests of settings, so that results are found again by what they are of. Paths and the use of the machine are left out.</summary>
internal static class SettingsDigest
{
    // What moves no result, or moves it between machines only: the ledger has the machine and the version beside it.
    private static readonly string[] Left =
    [
        "execution.", "experiment.row", "experiment.source", "experiment.generated", "training.data", "training.encoder.weights", "training.encoder.vocabulary",
        "training.from", "training.checkpointEvery", "training.keepCheckpoints", "training.seed",
        "training.validation.data", "training.validation.images", "training.validation.before", "selfTraining.generated.data", "sam.weights", "sam.cache",
    ];

    /// <summary>The settings that a result depends on, with the values that they have.</summary>
    public static IEnumerable<(string Key, string Value)> Leaves(CloudsSettings settings) =>
        Provenance.Of(settings, settings, new Dictionary<string, string>(), "").Leaves.Select(leaf => (leaf.Key, SettingConversion.Show(leaf.Value)))
            .Where(leaf => !Left.Any(key => leaf.Key.StartsWith(key, StringComparison.Ordinal)));

    /// <summary>Digest of all of an experiment's settings, its seed aside.</summary>
    public static string Of(CloudsSettings settings) => Of([.. Leaves(settings).Select(leaf => $"{leaf.Key}={leaf.Value}")]);

    /// <summary>Digest of what stage 1 depends on.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="others">What else it depends on: data and weights.</param>
    public static string OfSource(CloudsSettings settings, params IEnumerable<string> others) =>
        Of([.. Leaves(settings).Where(leaf => leaf.Key.Split('.')[0] is "training" or "data").Select(leaf => $"{leaf.Key}={leaf.Value}"),
            $"seed={settings.Training.Seed}", .. others]);

    /// <summary>Digest of texts.</summary>
    /// <returns>16 hexadecimal digits.</returns>
    public static string Of(IReadOnlyList<string> texts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', texts))))[..16];
}
