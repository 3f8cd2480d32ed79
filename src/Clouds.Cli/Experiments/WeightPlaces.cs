using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Catalogue;

namespace Clouds.Cli.Experiments;

/// <summary>Where the published weights of experiments lie on this machine.</summary>
internal sealed class WeightPlaces
{
    private readonly Dictionary<string, string> _own = new(StringComparer.Ordinal);

    /// <param name="own">Texts NAME=FILE for weights that `clouds model list` does not find.</param>
    /// <exception cref="CloudsException">Usage: a text cannot be read, or names no published model.</exception>
    public WeightPlaces(IEnumerable<string> own)
    {
        foreach (string text in own)
        {
            int sign = text.IndexOf('=', StringComparison.Ordinal);
            if (sign < 1 || sign == text.Length - 1)
            {
                throw new CloudsException(Failure.Usage, "the place of weights cannot be read", "--weights", text, "NAME=FILE",
                    "for instance --weights clip_rn50=/models/RN50.pt");
            }

            _own[ModelCatalogue.BuiltIn[text[..sign]].Name] = text[(sign + 1)..];
        }
    }

    /// <summary>The weights of Segment Anything by their name in the catalogue.</summary>
    public static string NameOf(SamVariant variant) => variant switch
    {
        SamVariant.VitT => "mobile_sam",
        SamVariant.VitB => "sam_vit_b",
        SamVariant.VitL => "sam_vit_l",
        SamVariant.VitH => "sam_vit_h",
        _ => throw new ArgumentOutOfRangeException(nameof(variant), variant, "unknown variant"),
    };

    /// <summary>The file of a published model; null where it is not here.</summary>
    /// <param name="name">Its name in the catalogue.</param>
    public string? Find(string name) => _own.TryGetValue(name, out string? file) ? File.Exists(file) ? Path.GetFullPath(file) : null
        : LocalModels.OfUser.Find(ModelCatalogue.BuiltIn[name]).FirstOrDefault();

    /// <summary>The model that was imported from a published one; null where there is none.</summary>
    /// <param name="name">Its name in the catalogue.</param>
    public string? FindImported(string name) => _own.ContainsKey(name) ? Find(name)
        : LocalModels.OfUser.Find(ModelCatalogue.BuiltIn[name]).FirstOrDefault(path => Path.GetFileName(path) == $"{name}.safetensors");
}
