using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Models.Portable;

namespace Clouds.Native.Portable;

/// <summary>Which extents of a network's inputs a file fixes.</summary>
internal static class ExportForm
{
    /// <summary>The extents as the file has them: numbers, or symbols where they stay open.</summary>
    /// <exception cref="CloudsException">Usage: the options fix an extent that the network does not have.</exception>
    public static IReadOnlyDictionary<string, Dim> Extents(IPortableNetwork network, ExportOptions options)
    {
        if (options.Height is not null && !network.Extents.Contains(OpenExtent.Height))
        {
            throw new CloudsException(Failure.Usage, "the network has no images whose size could be fixed",
                $"{nameof(ExportOptions)}.{nameof(ExportOptions.Height)}", $"{options.Width} x {options.Height} for a {network.Kind}",
                string.Join(", ", network.Extents.Select(extent => extent.Meaning)), "leave the size out");
        }

        return network.Extents.ToDictionary(extent => extent.Symbol, extent => Fixed(extent, options) is long size ? (Dim)size : (Dim)extent.Symbol);
    }

    /// <summary>The number that the options give to an extent; null: it stays open.</summary>
    public static long? Fixed(OpenExtent extent, ExportOptions options) =>
        extent == OpenExtent.Batch ? options.Batch
        : extent == OpenExtent.Height ? options.Height
        : extent == OpenExtent.Width ? options.Width
        : null;
}
