using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Models.Portable;

namespace Clouds.Native.Portable;

/// <summary>Which extents of a network's inputs a file fixes.</summary>
internal static class ExportForm
{
    private static readonly OpenExtent[] Known = [OpenExtent.Batch, OpenExtent.Height, OpenExtent.Width];

    /// <summary>The extents as the file has them: numbers, or symbols where they stay open.</summary>
    /// <exception cref="CloudsException">Usage: the options fix an extent that the network does not leave to them.</exception>
    public static IReadOnlyDictionary<string, Dim> Extents(IPortableNetwork network, ExportOptions options)
    {
        OpenExtent? strange = Array.Find(Known, extent => Fixed(extent, options) is not null && !network.Extents.Contains(extent));
        if (strange is not null)
        {
            string open = network.Extents.Count == 0 ? "none: its inputs have sizes of their own" : string.Join(", ", network.Extents.Select(e => e.Meaning));
            throw new CloudsException(Failure.Usage, $"the network has no {strange.Meaning} that could be chosen", $"{nameof(ExportOptions)}.{Member(strange)}",
                FormattableString.Invariant($"{Fixed(strange, options)} for a {network.Kind}"), open, "leave the option out");
        }

        return network.Extents.ToDictionary(extent => extent.Symbol, extent => Fixed(extent, options) is long size ? (Dim)size : (Dim)extent.Symbol);
    }

    /// <summary>The number that the options give to an extent; null: it stays open.</summary>
    public static long? Fixed(OpenExtent extent, ExportOptions options) =>
        extent == OpenExtent.Batch ? options.Batch
        : extent == OpenExtent.Height ? options.Height
        : extent == OpenExtent.Width ? options.Width
        : null;

    private static string Member(OpenExtent extent) => extent == OpenExtent.Batch ? nameof(ExportOptions.Batch)
        : extent == OpenExtent.Height ? nameof(ExportOptions.Height)
        : nameof(ExportOptions.Width);
}
