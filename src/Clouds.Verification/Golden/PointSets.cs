namespace Clouds.Verification.Golden;

/// <summary>Comparisons of point lists [..., P, D] in which the order of the P points means nothing.</summary>
internal static class PointSets
{
    /// <summary>
    /// Pairs the points of each row one to one and gives the largest coordinate difference over <paramref name="atol"/>;
    /// infinity where a point has no partner within it.
    /// </summary>
    public static double Ratio(GoldenTensor got, GoldenTensor want, double atol)
    {
        int coordinates = (int)want.Shape[^1];
        int points = want.Shape.Count < 2 ? 1 : (int)want.Shape[^2];
        double worst = 0;
        for (int row = 0; row * points * coordinates < want.Elements; row++)
        {
            int start = row * points * coordinates;
            worst = Math.Max(worst, RowRatio(Points(got, start, points, coordinates), Points(want, start, points, coordinates), atol));
        }

        return worst;
    }

    /// <summary>Checks drawn points [N, P, 2] (x, y in pixels): whole, distinct, and inside their mask of [N, H, W].</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? NotMembers(GoldenTensor points, GoldenTensor masks)
    {
        if (points.Shape is not [long rows, long count, 2] || masks.Shape is not [long planes, long height, long width] || planes != rows)
        {
            return $"points {points.ShapeText} do not belong to masks {masks.ShapeText}";
        }

        for (int row = 0; row < rows; row++)
        {
            HashSet<(double X, double Y)> seen = [];
            for (int i = 0; i < count; i++)
            {
                int at = (int)(((row * count) + i) * 2);
                (double x, double y) = (points[at], points[at + 1]);
                bool inside = double.IsInteger(x) && double.IsInteger(y) && x >= 0 && x < width && y >= 0 && y < height
                    && masks[(int)((((row * height) + (long)y) * width) + (long)x)] != 0;
                if (!inside || !seen.Add((x, y)))
                {
                    return FormattableString.Invariant($"point {i} of row {row}, ({x}, {y}), is {(inside ? "drawn twice" : "outside its mask")}");
                }
            }
        }

        return null;
    }

    private static double RowRatio(double[][] got, double[][] want, double atol)
    {
        double worst = 0;
        bool[] taken = new bool[got.Length];
        int first = 0;
        foreach (double[] point in want)
        {
            // Both lists are sorted by their first coordinate, so candidates lie in a window that only moves forward.
            while (first < got.Length && got[first][0] < point[0] - atol)
            {
                first++;
            }

            (int best, double distance) = Nearest(got, taken, first, point, atol);
            if (best < 0)
            {
                return double.PositiveInfinity;
            }

            taken[best] = true;
            worst = Math.Max(worst, atol > 0 ? distance / atol : 0);
        }

        return worst;
    }

    private static (int Best, double Distance) Nearest(double[][] got, bool[] taken, int first, double[] point, double atol)
    {
        (int best, double least) = (-1, double.PositiveInfinity);
        for (int i = first; i < got.Length && got[i][0] <= point[0] + atol; i++)
        {
            double distance = taken[i] ? double.PositiveInfinity : got[i].Zip(point, (a, b) => Math.Abs(a - b)).Max();
            if (distance <= atol && distance < least)
            {
                (best, least) = (i, distance);
            }
        }

        return (best, least);
    }

    private static double[][] Points(GoldenTensor tensor, int start, int points, int coordinates)
    {
        IEnumerable<double[]> all = Enumerable.Range(0, points)
            .Select(p => Enumerable.Range(start + (p * coordinates), coordinates).Select(i => tensor[i]).ToArray());
        return [.. all.OrderBy(point => point[0])];
    }
}
