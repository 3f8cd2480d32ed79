namespace Clouds.Cli.Reports;

/// <summary>One line of a chart.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">X ascending; a value that is not finite leaves a gap.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>A line chart.</summary>
/// <param name="Title">Above the chart.</param>
/// <param name="XLabel">Below the x axis, with its unit.</param>
/// <param name="YLabel">At the top of the y axis.</param>
/// <param name="Series">Lines, in the order of the legend.</param>
/// <param name="LogarithmicY">Powers of ten; values that are not positive leave a gap.</param>
/// <param name="Small">For half a page: fewer marks, and as readable on a phone.</param>
internal sealed record Chart(
    string Title, string XLabel, string YLabel, IReadOnlyList<ChartSeries> Series, bool LogarithmicY = false, bool Small = false);
